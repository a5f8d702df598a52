#!/usr/bin/env python3
"""Writes a data directory for tests/compat: write.py SERVER DIRECTORY. See README.md."""

import json
import pathlib
import sys

import wide
from content import answers, copy_without_lock, delete_some, keep_old_rows, push_batch

from harness import (Client, Server, TemporaryDirectory, check, check_equal, report, run_test,
                     wait_until)

FLUSHED_BATCHES = 6  # the first ones are merged
LOGGED_BATCHES = 1


def parts(server):
    return list((server.data / "skald" / "tenants").rglob("*.part"))


def write_plain(server):
    keep_old_rows(server)
    server.start()
    with Client(server.port) as client:
        for batch in range(FLUSHED_BATCHES):
            push_batch(client, batch)
            push_batch(client, max(0, batch - 1))  # resent, as agents do
            check_equal(client.request("POST", "/flush").status, 204, "flush")
        delete_some(client)
        wait_until(lambda: len(parts(server)) < FLUSHED_BATCHES, 60, "parts are merged")
        for batch in range(FLUSHED_BATCHES, FLUSHED_BATCHES + LOGGED_BATCHES):
            push_batch(client, batch)
        return answers(client)


def write(binary, target):
    target = pathlib.Path(target)
    check(not target.exists(), f"{target} is there already")
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        expected = (wide.write if target.name.endswith("-wide") else write_plain)(server)
        server.kill()
        copy_without_lock(server.data / "skald", target)
    (target / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")
    report(f"{sum(p.stat().st_size for p in target.rglob('*') if p.is_file())} bytes in {target}")


if __name__ == "__main__":
    run_test(write, *sys.argv[1:])
