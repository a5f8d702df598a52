"""The server opens data directories of every format version, and leaves alone what it cannot read."""

import json
import pathlib
import struct
import sys

COMPAT = pathlib.Path(__file__).resolve().parents[1] / "compat"
sys.path.insert(0, str(COMPAT))

import wide  # noqa: E402
from content import answers, copy_without_lock, keep_old_rows  # noqa: E402

from harness import (Client, Server, TemporaryDirectory, check, check_equal, report,  # noqa: E402
                     run_test)


# Of the footer's table, in storage/part/part.fbs.
FORMAT_VERSION_FIELD = 0
READER_VERSION_FIELD = 17


def place(version, server):
    """Puts a copy of a version's directory in the server's place; returns what it must answer."""
    (wide.configure if version.endswith("-wide") else keep_old_rows)(server)
    copy_without_lock(COMPAT / version, server.data / "skald")
    expected = server.data / "skald" / "expected.json"
    text = expected.read_text()
    expected.unlink()
    return json.loads(text)


def ask(server, version):
    if version.endswith("-wide"):
        return wide.answers(server)
    with Client(server.port) as client:
        return answers(client)


def check_version(binary, version):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        expected = place(version, server)
        for start in ("first", "second"):
            server.start()
            actual = json.loads(json.dumps(ask(server, version)))
            for what, answer in expected.items():
                check_equal(actual[what], answer, f"{version}, {start} start: {what}")
            check_equal(server.terminate(), 0, "exit code")
        if version.endswith("-wide"):
            check_merged(server, expected, version)
    report(f"{version}: {expected['rows']} rows, as expected")


def check_merged(server, expected, version):
    """What was written then and now is merged into parts that say the same."""
    server.start()
    with wide.TenantClient(server.port, wide.WIDE) as client:
        wide.push_odd(client, 0)  # once more, under names that are quoted now
        wide.compact(client)
    actual = json.loads(json.dumps(wide.answers(server)))
    for what, answer in expected.items():
        check_equal(actual[what], answer, f"{version}, merged: {what}")
    check_equal(server.terminate(), 0, "exit code")


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def patch_footer(part, number, value):
    """Changes a 32-bit field of a part's footer (docs/storage_format.md)."""
    data = bytearray(part.read_bytes())
    size, = struct.unpack_from("<I", data, len(data) - 16)
    footer = len(data) - 16 - size
    table = footer + struct.unpack_from("<I", data, footer)[0]
    vtable = table - struct.unpack_from("<i", data, table)[0]
    field, = struct.unpack_from("<H", data, vtable + 4 + 2 * number)
    struct.pack_into("<I", data, table + field, value)
    struct.pack_into("<I", data, len(data) - 12, crc32c(data[footer:footer + size]))
    part.write_bytes(data)


def contents(directory):
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in directory.rglob("*.part")}


def check_refusal(binary, field, value, what):
    """Parts of another version: the server says so, does not start, and touches nothing."""
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        place("v1", server)
        for part in (server.data / "skald").rglob("*.part"):
            patch_footer(part, field, value)
        before = contents(server.data)
        server.spawn()
        check(server.wait(30) != 0, f"the server started on {what}")
        text = server.log_text()
        check("was written by another version of Skald and is left as it is" in text,
              f"no clear word about the version:\n{text}")
        check_equal(contents(server.data), before, "the parts after the refusal")
    report(f"{what}: refused and left alone")


def test(binary):
    for version in sorted(path.name for path in COMPAT.glob("v*") if path.is_dir()):
        check_version(binary, version)
    check_refusal(binary, READER_VERSION_FIELD, 1000, "a version to come")
    check_refusal(binary, FORMAT_VERSION_FIELD, 0, "a version before the first")


if __name__ == "__main__":
    run_test(test, *sys.argv[1:])
