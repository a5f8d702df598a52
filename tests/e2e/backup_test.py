#!/usr/bin/env python3
"""tools/backup.sh, beside pushes that go on: the snapshot has every line that was acknowledged.

Lines are pushed without a pause; those acknowledged before the snapshot began must be in it, once.
The server goes on unharmed. A stopped server's directory is copied, too.
"""

import pathlib
import subprocess
import sys
import threading
import time

import harness

BACKUP = pathlib.Path(__file__).resolve().parents[2] / "tools" / "backup.sh"
NOW = time.time_ns()
BATCH = 50


class Pusher:
    """Pushes numbered lines until it is told to stop, and counts the acknowledged ones."""

    def __init__(self, server):
        self._server = server
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.acknowledged = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join()

    def _run(self):
        with harness.Client(self._server.port) as client:
            while not self._stopping.is_set():
                first = self.acknowledged
                rows = [(NOW - 1_000_000 + i, f"line {i}.") for i in range(first, first + BATCH)]
                if client.push_protobuf([({"app": "a"}, rows)]).status == 204:
                    self.acknowledged = first + BATCH
                if self.acknowledged % (20 * BATCH) == 0:
                    client.request("POST", "/flush")  # parts come and are merged


def lines(binary, directory, data):
    """What a server on the data shows."""
    directory.mkdir()
    with harness.Server(binary, directory, data=data) as server:
        server.start()
        with harness.Client(server.port) as client:
            rows = client.rows('{app="a"}', NOW - 2_000_000, NOW + 1_000_000_000)
        harness.check_equal(server.terminate(), 0, "exit code")
    return [row.line for row in rows]


def backup(data, snapshot):
    done = subprocess.run([str(BACKUP), str(data), str(snapshot)], capture_output=True, text=True,
                          timeout=120, check=False)
    harness.check_equal(done.returncode, 0, f"exit code of the backup: {done.stderr}")


def check_lines(found, least, what):
    harness.check(len(found) >= least, f"{what}: {len(found)} lines, {least} were acknowledged")
    harness.check_equal(found, [f"line {i}." for i in range(len(found))], what)


def backup_test(binary):
    with harness.TemporaryDirectory() as directory:
        snapshots = []
        with harness.Server(binary, directory) as server:
            server.start()
            with Pusher(server) as pusher:
                for number in range(4):
                    goal = pusher.acknowledged + 30 * BATCH
                    harness.wait_until(lambda: pusher.acknowledged >= goal, 60, "pushes go on")
                    least = pusher.acknowledged
                    snapshots.append((directory / f"snapshot{number}", least))
                    snapshots[-1][0].mkdir()
                    backup(server.data / "skald", snapshots[-1][0] / "skald")
            everything = pusher.acknowledged
            harness.check_equal(server.terminate(), 0, "exit code")
        stopped = directory / "stopped"
        stopped.mkdir()
        backup(server.data / "skald", stopped / "skald")
        check_lines(lines(binary, directory / "a", server.data), everything, "the server's own data")
        check_lines(lines(binary, directory / "b", stopped), everything, "a stopped server's copy")
        for number, (snapshot, least) in enumerate(snapshots):
            check_lines(lines(binary, directory / f"s{number}", snapshot), least,
                        f"snapshot {number}")
        harness.report(f"{len(snapshots)} snapshots beside pushes hold every acknowledged line")


if __name__ == "__main__":
    harness.run_test(backup_test, sys.argv[1])
