"""Kills the server at random moments while four connections push, and looks for every line.

Each round pushes, kills with SIGKILL, starts again, sends again what was not acknowledged, and
then demands every line exactly once, from a log query and from a count. Flushes are asked for in
between, so that kills also meet part files being written.
"""

import argparse
import collections
import random
import threading
import time

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, check, check_equal, report,
                     run_test)

WRITERS = 4
SELECTOR = '{job="crash"}'


class Writer(threading.Thread):
    """Pushes batches of distinct lines over one connection until the server is gone."""

    def __init__(self, number, round_number, port, rng):
        super().__init__(daemon=True)
        self.acknowledged = []  # lines
        self.unanswered = None  # the batch that was under way when the connection broke
        self.refusal = None
        self._labels = {"job": "crash", "writer": str(number)}
        self._prefix = f"round={round_number} writer={number}"
        self._port = port
        self._random = random.Random(rng.random())
        self._sequence = 0

    def run(self):
        with Client(self._port) as client:
            while self.refusal is None and self.unanswered is None:
                self._push(client, self._next_batch())
                time.sleep(self._random.uniform(0, 0.01))

    def _next_batch(self):
        batch = []
        for _ in range(self._random.randint(1, 40)):
            self._sequence += 1
            padding = "x" * self._random.randint(0, 200)
            batch.append((time.time_ns(), f"{self._prefix} seq={self._sequence} {padding}"))
        return batch

    def _push(self, client, batch):
        try:
            response = self._send(client, batch)
        except OSError:
            self.unanswered = batch
            return
        if response.status == 204:
            self.acknowledged += [line for _, line in batch]
        else:
            self.refusal = f"a push was answered {response.status}: {response.body!r}"

    def _send(self, client, batch):
        streams = [(self._labels, batch)]
        if int(self._labels["writer"]) % 2:
            return client.push_json(streams)
        return client.push_protobuf(streams)

    def resend(self, client):
        """Sends the unanswered batch again, as an agent would."""
        if self.unanswered is None:
            return
        response = self._send(client, self.unanswered)
        check_equal(response.status, 204, f"the second push of a batch ({response.body!r})")
        self.acknowledged += [line for _, line in self.unanswered]


def push_until_killed(server, round_number, rng):
    writers = [Writer(n, round_number, server.port, rng) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(rng.uniform(0.1, 0.8))
    if rng.random() < 0.5:
        with Client(server.port) as client:
            client.request("POST", "/flush")
        time.sleep(rng.uniform(0, 0.3))
    server.kill()
    for writer in writers:
        writer.join(timeout=30)
        check(not writer.is_alive(), "a writer hangs after the server was killed")
        check(writer.refusal is None, writer.refusal)
    return writers


def restart(server, rng):
    """Starts the server again; now and then kills it during the start first."""
    if rng.random() < 0.3:
        server.spawn()
        time.sleep(rng.uniform(0, 0.3))
        server.kill()
    return server.start()


def check_exactly_once(client, selector, lines, began, what):
    end = time.time_ns() + NANOSECONDS
    found = collections.Counter(row.line for row in client.rows(selector, began, end))
    missing = [line for line in lines if line not in found]
    doubled = [line for line, count in found.items() if count > 1]
    unknown = len(found) - (len(lines) - len(missing))
    check(not missing, f"{what}: {len(missing)} acknowledged lines are lost, first {missing[:1]}")
    check(not doubled, f"{what}: {len(doubled)} lines appear twice, first {doubled[:1]}")
    check_equal(unknown, 0, f"{what}: lines that nobody sent")
    check_equal(client.count(selector, end), len(lines), f"{what}: counted lines")


def run_rounds(binary, rounds, seconds, seed):
    rng = random.Random(seed)
    began = time.time_ns()
    deadline = time.monotonic() + seconds
    lines = []
    done = resent = 0
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.start()
        while done < rounds and (done == 0 or time.monotonic() < deadline):
            writers = push_until_killed(server, done, rng)
            restart(server, rng)
            resent += sum(writer.unanswered is not None for writer in writers)
            with Client(server.port) as client:
                for writer in writers:
                    writer.resend(client)
                    lines += writer.acknowledged
                check_exactly_once(client, SELECTOR, lines, began, f"round {done}")
            done += 1
    report(f"{done} kills, {len(lines)} lines each found exactly once, {resent} batches sent again")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, help="run so many rounds however long they take")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments = parser.parse_args()
    report(f"seed {arguments.seed}")
    rounds, seconds = (arguments.rounds, float("inf")) if arguments.rounds else (12, 30)
    run_test(run_rounds, arguments.binary, rounds, seconds, arguments.seed)


if __name__ == "__main__":
    main()
