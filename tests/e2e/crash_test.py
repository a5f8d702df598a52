"""Kills the server at random moments while it works, and looks for every line.

Each round pushes over four connections while an operator flushes, has parts merged, deletes lines
and takes deletes back; then kills with SIGKILL, starts again, sends again what was not
acknowledged, and demands every line that is not deleted or expired exactly once, from a log query
and from a count. A model of what was acknowledged says which those are.
"""

import argparse
import collections
import json
import random
import threading
import time
from urllib.parse import urlencode

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, TestFailure, check,
                     check_equal, report, run_test)

WRITERS = 4
SELECTOR = '{job="crash"}'
# Lines of this stream are a day old, less a little, when they are pushed, and expire soon after.
SHORT_LIVED = '{job="short"}'
SHORT_PERIOD = 24 * 3600 * NANOSECONDS
SHORT_REST = NANOSECONDS // 2

LIMITS = """\
limits_config:
  retention_stream: [{selector: '{job="short"}', priority: 1, period: 24h}]
"""
# Hidden lines are either removed by the next merge, or can still be shown again.
COMPACTOR = """\
compactor:
  retention_enabled: true
  delete_request_store: filesystem
  retention_delete_delay: 0s
  delete_request_cancel_period: %s
"""


def configure(server, cancel_period):
    text = server.config_path.read_text().replace("limits_config:\n", LIMITS)
    server.config_path.write_text(text + COMPACTOR % cancel_period)


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


class Deletes:
    """What the server was asked to delete, line by line, and what it is known to have taken."""

    def __init__(self, can_cancel):
        self.can_cancel = can_cancel
        self._lines = {}  # query -> line
        self.hidden = set()

    def one(self, client, rng, lines, began):
        """Deletes one of the lines, or takes a delete back. Raises OSError when it is cut short."""
        if self.can_cancel and self.hidden and rng.random() < 0.3:
            self._cancel(client, rng.choice(self._listed(client)))
            return
        line = rng.choice(lines)
        query = f'{SELECTOR} |= "{line}"'
        self._lines[query] = line
        parameters = {"query": query, "start": began // NANOSECONDS, "end": int(time.time())}
        response = client.request("POST", "/loki/api/v1/delete?" + urlencode(parameters))
        check_equal(response.status, 204, f"a delete request ({response.body!r})")
        self.hidden.add(line)

    def _cancel(self, client, request):
        parameters = {"request_id": request["request_id"]}
        response = client.request("DELETE", "/loki/api/v1/delete?" + urlencode(parameters))
        check_equal(response.status, 204, f"taking a delete back ({response.body!r})")

    def settle(self, client):
        """Learns from the server's list what became of requests whose answer was lost."""
        listed = {self._lines[request["query"]] for request in self._listed(client)}
        if not self.can_cancel:
            lost = self.hidden - listed
            check(not lost, f"acknowledged delete requests are gone, of {lost}")
        self.hidden = listed

    def _listed(self, client):
        response = client.request("GET", "/loki/api/v1/delete")
        check_equal(response.status, 200, "the list of deletes")
        return json.loads(response.body)


class Operator(threading.Thread):
    """Flushes, merges and deletes until the server is gone."""

    def __init__(self, port, rng, deletes, lines, began):
        super().__init__(daemon=True)
        self.failure = None
        self._port = port
        self._random = random.Random(rng.random())
        self._deletes = deletes
        self._lines = lines
        self._began = began

    def run(self):
        try:
            with Client(self._port) as client:
                while True:
                    self._act(client)
                    time.sleep(self._random.uniform(0, 0.2))
        except OSError:
            pass  # the server was killed
        except TestFailure as failure:
            self.failure = failure

    def _act(self, client):
        choice = self._random.random()
        if choice < 0.3:
            client.request("POST", "/flush")
        elif choice < 0.5:
            client.request("POST", "/skald/api/v1/compact")
        elif choice < 0.7:
            self._push_short_lived(client)
        elif self._lines:
            self._deletes.one(client, self._random, self._lines, self._began)

    def _push_short_lived(self, client):
        expires = time.time_ns() + SHORT_REST
        client.push_json([({"job": "short"}, [(expires - SHORT_PERIOD, f"expires at {expires}")])])


def work_until_killed(server, round_number, rng, operator):
    writers = [Writer(n, round_number, server.port, rng) for n in range(WRITERS)]
    threads = writers + [operator]
    for thread in threads:
        thread.start()
    time.sleep(rng.uniform(0.2, 1.2))
    server.kill()
    for thread in threads:
        thread.join(timeout=30)
        check(not thread.is_alive(), "a client hangs after the server was killed")
    for writer in writers:
        check(writer.refusal is None, writer.refusal)
    if operator.failure is not None:
        raise operator.failure
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


def check_none_expired(client):
    """No short-lived line is shown past the end of its period."""
    now = time.time_ns()
    for row in client.rows(SHORT_LIVED, now - 2 * SHORT_PERIOD, now):
        expires = int(row.line.split()[-1])
        check(expires >= now, f"a line is shown {now - expires} ns after it expired")


def run_rounds(binary, rounds, seconds, seed):
    rng = random.Random(seed)
    began = time.time_ns()
    deadline = time.monotonic() + seconds
    lines = []
    deletes = Deletes(can_cancel=rng.random() < 0.5)
    done = resent = 0
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        configure(server, "24h" if deletes.can_cancel else "0s")
        server.start()
        while done < rounds and (done == 0 or time.monotonic() < deadline):
            time.sleep(1)  # delete requests reach to the last whole second
            operator = Operator(server.port, rng, deletes, list(lines), began)
            writers = work_until_killed(server, done, rng, operator)
            restart(server, rng)
            resent += sum(writer.unanswered is not None for writer in writers)
            with Client(server.port) as client:
                deletes.settle(client)
                for writer in writers:
                    writer.resend(client)
                    lines += writer.acknowledged
                shown = [line for line in lines if line not in deletes.hidden]
                check_exactly_once(client, SELECTOR, shown, began, f"round {done}")
                check_none_expired(client)
            done += 1
    report(f"{done} kills, {len(lines)} lines: {len(deletes.hidden)} deleted, the others each found "
           f"exactly once; {resent} batches sent again")


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
