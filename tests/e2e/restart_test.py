"""Stops, kills and restarts the server: what was stored stays, and damage is reported.

Checks: ready within a second on an empty directory; a clean stop; writes after it and a kill; a
second process on the same directory; a flipped bit in the log.
"""

import re
import sys
import time

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, check, check_equal, report,
                     run_test)

STOP_SECONDS = 10
READY_SECONDS = 1.0
DAMAGE = re.compile(r"damage|corrupt|checksum", re.IGNORECASE)


def push_rows(port, name, count):
    """Pushes `count` rows, each in a request of its own; returns their lines."""
    lines = [f"row {name}-{n:04}" for n in range(count)]
    with Client(port) as client:
        for line in lines:
            response = client.push_protobuf([({"job": name}, [(time.time_ns(), line)])])
            check_equal(response.status, 204, f"push of {line!r} ({response.body!r})")
    return lines


def read_rows(port, name):
    now = time.time_ns()
    with Client(port) as client:
        rows = client.rows(f'{{job="{name}"}}', now - 600 * NANOSECONDS, now + NANOSECONDS)
        check_equal(client.count(f'{{job="{name}"}}', now + NANOSECONDS), len(rows),
                    f"count of {name}")
    return [row.line for row in rows]


def check_quick_start(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        seconds = server.start()
        check(seconds < READY_SECONDS, f"an empty directory took {seconds:.2f} s to be ready")
        check_equal(server.terminate(), 0, "exit code after SIGTERM")
    report(f"an empty directory is ready after {seconds:.2f} s")


def check_clean_stop_and_kill(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.start()
        before_stop = push_rows(server.port, "stopped", 50)
        began = time.monotonic()
        check_equal(server.terminate(STOP_SECONDS), 0, "exit code after SIGTERM")
        stop_seconds = time.monotonic() - began
        server.start()
        check_equal(read_rows(server.port, "stopped"), before_stop, "rows after a clean stop")
        before_kill = push_rows(server.port, "killed", 50)
        server.kill()
        server.start()
        check_equal(read_rows(server.port, "stopped"), before_stop, "older rows after a kill")
        check_equal(read_rows(server.port, "killed"), before_kill, "rows after a kill")
        check_equal(server.terminate(STOP_SECONDS), 0, "exit code after a replayed log")
    report(f"SIGTERM ends with 0 after {stop_seconds:.2f} s; rows survive it and a kill")


def check_many_restarts(binary):
    """Rows do not multiply or vanish by starting over and over."""
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        expected = []
        for n in range(6):
            server.start()
            expected += push_rows(server.port, "again", 5)
            if n % 2:
                server.kill()
            else:
                check_equal(server.terminate(STOP_SECONDS), 0, "exit code after SIGTERM")
        server.start()
        # Every round pushes the same lines at other times: each must be there once per round.
        check_equal(sorted(read_rows(server.port, "again")), sorted(expected), "rows")
    report("six restarts neither lose nor double rows")


def check_second_process(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.start()
        lines = push_rows(server.port, "owned", 5)
        second_directory = directory / "second"
        second_directory.mkdir()
        with Server(binary, second_directory, data=server.data) as second:
            second.spawn()
            code = second.wait(timeout=15)
            text = second.log_text()
        check(code != 0, f"the second process on a directory in use ended with 0: {text}")
        check(re.search(r"lock|in use|another", text, re.IGNORECASE),
              f"the second process does not say that the directory is in use: {text!r}")
        check_equal(read_rows(server.port, "owned"), lines, "rows of the first process")
    report(f"a second process is refused with exit code {code}: {text.strip().splitlines()[-1]}")


def flip_bit(server, marker):
    """Flips one bit of the log where `marker` stands; it must stand there once."""
    for path in sorted((server.data / "skald" / "wal").rglob("*")):
        content = bytearray(path.read_bytes()) if path.is_file() else b""
        if marker in content:
            check_equal(content.count(marker), 1, f"occurrences of {marker!r} in {path}")
            content[content.index(marker) + len(marker) // 2] ^= 0x10
            path.write_bytes(content)
            return
    check(False, f"no log file holds {marker!r}")


def damage_metrics(port):
    """The metrics that count damage and are not zero."""
    with Client(port) as client:
        text = client.request("GET", "/metrics").body.decode()
    return [line for line in text.splitlines()
            if not line.startswith("#") and DAMAGE.search(line) and float(line.split()[-1]) > 0]


def check_flipped_bit(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.start()
        lines = push_rows(server.port, "flipped", 31)
        victim = lines[15]
        server.kill()
        flip_bit(server, victim.encode())
        log_size = len(server.log_text())
        server.start()
        reports = [line for line in server.log_text()[log_size:].splitlines()
                   if DAMAGE.search(line)] + damage_metrics(server.port)
        check(reports, "neither the log nor a metric speaks of the damaged record")
        survivors = [line for line in lines if line != victim]
        check_equal(read_rows(server.port, "flipped"), survivors, "rows beside the damaged record")
        after = push_rows(server.port, "after", 5)
        server.kill()
        server.start()
        check_equal(read_rows(server.port, "flipped"), survivors, "the same after another kill")
        check_equal(read_rows(server.port, "after"), after, "rows pushed after the damage")
    report(f"a flipped bit costs one record of {len(lines)} and is reported: {reports[0].strip()}")


def run(binary):
    check_quick_start(binary)
    check_clean_stop_and_kill(binary)
    check_many_restarts(binary)
    check_second_process(binary)
    check_flipped_bit(binary)


if __name__ == "__main__":
    run_test(run, sys.argv[1])
