"""Watches the server's system calls and demands a sync of the log before every reply.

The server runs under strace. For every reply to a request that stored a row there must be a
completed fsync or fdatasync of the log file that holds the request's record, which began after the
record's write had ended and ended before the reply's send began. strace reports entries and exits
of all threads in the order in which it let them happen, so the order of its lines is proof.

A request is found in the trace by a marker in its headers, its record by a marker in its line,
which a snappy body of literals keeps readable. A JSON body is compressed before it is logged, so
its record is found by being the only one under way: JSON pushes are made one after another.
"""

import collections
import re
import shutil
import subprocess
import sys
import threading
import time

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, TestSkipped, check,
                     check_equal, report, run_test, wait_until)

SYNCS = {"fsync", "fdatasync"}
WRITES = {"write", "writev", "pwrite64", "pwritev", "pwritev2"}
SENDS = {"sendto", "sendmsg", "write", "writev"}
RECEIVES = {"recvfrom", "recvmsg", "read", "readv"}
TRACED = sorted(SYNCS | WRITES | SENDS | RECEIVES)

SERIAL_PUSHES = 42
CONNECTIONS = 4
PUSHES_PER_CONNECTION = 40
WEEKS_AGO = 15 * 86400 * NANOSECONDS

# One system call: indexes of the trace lines at which it began and ended, and what follows the
# descriptor in the trace.
Call = collections.namedtuple("Call", "name path begin end text")
# One push: its marker, the status of its reply, whether its record shows the marker.
Push = collections.namedtuple("Push", "marker status readable")

# The descriptor is shown as 7</path> or 7<TCP:[address:port->address:port]>.
BEGIN = re.compile(r"^(?P<pid>\d+) +(?P<name>\w+)\("
                   r"\d+<(?P<path>\w+:\[.*?\]|[^>]*)>(?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
UNFINISHED = "<unfinished ...>"
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def parse_trace(lines):
    """Returns the calls of a trace in the order in which they began."""
    calls = []
    open_calls = {}
    for index, line in enumerate(lines):
        begun = BEGIN.match(line)
        if begun:
            call = Call(begun["name"], begun["path"], index, index, begun["rest"])
            if line.rstrip().endswith(UNFINISHED):
                open_calls[begun["pid"]] = call
            else:
                calls.append(call)
            continue
        resumed = RESUMED.match(line)
        if resumed and resumed["pid"] in open_calls:
            call = open_calls.pop(resumed["pid"])
            calls.append(call._replace(end=index, text=call.text + resumed["rest"]))
    return sorted(calls, key=lambda call: call.begin)


def succeeded(call):
    """Whether the call returned 0 or a count."""
    return re.search(r"\)\s+= \d+", call.text) is not None


def payload(call):
    """The bytes that went through the call, as strace prints them, its buffers joined."""
    return "".join(STRING.findall(call.text))


class Trace:
    """The calls that matter, by kind."""

    def __init__(self, calls, log_directory):
        logged = [call for call in calls if call.path.startswith(log_directory) and succeeded(call)]
        self.log_writes = [call for call in logged if call.name in WRITES]
        self.log_syncs = [call for call in logged if call.name in SYNCS]
        on_sockets = [call for call in calls if ":" in call.path and not call.path.startswith("/")]
        self.receives = [call for call in on_sockets if call.name in RECEIVES]
        self.replies = [call for call in on_sockets
                        if call.name in SENDS and payload(call).startswith("HTTP/1.1 ")]

    def request(self, marker):
        """The receive that brought the request's headers."""
        needle = f"X-Marker: {marker}\\r"
        return self._only([call for call in self.receives if needle in payload(call)],
                          f"receives of request {marker}")

    def reply(self, request):
        """The first reply on the request's connection after it."""
        for call in self.replies:
            if call.begin > request.end and call.path == request.path:
                return call
        return None

    def record(self, marker):
        """The log write that holds the row."""
        return self._only([call for call in self.log_writes if f"row {marker} " in payload(call)],
                          f"log writes of row {marker}")

    @staticmethod
    def _only(calls, what):
        check_equal(len(calls), 1, what)
        return calls[0]

    def synced_between(self, write, reply):
        return any(sync.path == write.path and sync.begin > write.end and sync.end < reply.begin
                   for sync in self.log_syncs)


def check_order(trace, pushes):
    """Demands, push by push, that the reply left after a sync of the record."""
    for push in pushes:
        request = trace.request(push.marker)
        reply = trace.reply(request)
        check(reply is not None, f"{push.marker}: the trace shows no reply")
        check(payload(reply).startswith(f"HTTP/1.1 {push.status} "),
              f"{push.marker}: the trace shows another reply")
        if push.readable:
            writes = [trace.record(push.marker)]
        else:
            writes = [call for call in trace.log_writes
                      if request.begin < call.begin < reply.begin]
            check(writes, f"{push.marker}: nothing was written to the log before the reply")
        for write in writes:
            check(write.end < reply.begin, f"{push.marker}: the reply left before the log write")
            check(trace.synced_between(write, reply),
                  f"{push.marker}: the reply ({push.status}) left before a sync of {write.path}")


def push_one(client, marker, protobuf, status):
    """Pushes one row that is stored, and something beside it that earns `status`.

    204: nothing; 400: a row that is too old; 429: one stream more than the server allows.
    """
    now = time.time_ns()
    entries = [(now, f"row {marker} of the durability test")]
    streams = [({"job": "durable", "form": str(protobuf)}, entries)]
    if status == 400:
        entries.insert(0, (now - WEEKS_AGO, "too old to be stored"))
    elif status == 429:
        streams.append(({"job": "one too many", "marker": marker}, [(now, "no room for this")]))
    send = client.push_protobuf if protobuf else client.push_json
    response = send(streams, {"X-Marker": marker})
    check_equal(response.status, status, f"status of push {marker} ({response.body!r})")
    return Push(marker, status, protobuf)


def push_serially(port):
    """Pushes one after another. The first two create the two streams that are allowed."""
    statuses = (204, 204, 400, 400, 429, 429)
    with Client(port) as client:
        return [push_one(client, f"serial-{n:04}-", n % 2 == 0, statuses[n % len(statuses)])
                for n in range(SERIAL_PUSHES)]


def push_concurrently(port):
    """Pushes protobuf over several connections at once, so that syncs are shared."""
    pushes, errors = [], []

    def work(number):
        try:
            with Client(port) as client:
                for n in range(PUSHES_PER_CONNECTION):
                    marker = f"parallel-{number}-{n:04}-"
                    pushes.append(push_one(client, marker, True, 400 if n % 5 == 0 else 204))
        except Exception as error:  # reported by the main thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return pushes


def check_strace_works(directory):
    """Skips the test where processes cannot be traced."""
    if shutil.which("strace") is None:
        raise TestSkipped("strace is not installed")
    probe = subprocess.run(["strace", "-f", "-o", str(directory / "probe"), "true"],
                           stderr=subprocess.PIPE, check=False)
    if probe.returncode != 0:
        raise TestSkipped(f"strace cannot trace here: {probe.stderr.decode().strip()}")


def strace_command(output):
    """With -D the process that is started is the server, and strace its grandchild."""
    return ["strace", "-D", "-f", "-yy", "-s", "100000", "-o", str(output),
            "-e", "trace=" + ",".join(TRACED), "-e", "signal=none"]


def stop_traced(server, output):
    """Stops the server and returns the lines of its trace."""
    last_line = f"{server.process.pid} +++ exited with 0 +++"
    check_equal(server.terminate(), 0, "exit code of the traced server")
    wait_until(lambda: last_line in read_end(output), 30, f"the trace ends with {last_line!r}")
    return output.read_text(errors="replace").splitlines()


def read_end(path):
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        return re.sub(" +", " ", file.read().decode(errors="replace"))


def run(binary, log_directory):
    with TemporaryDirectory() as directory, Server(binary, directory, max_streams=2) as server:
        check_strace_works(directory)
        output = directory / "trace"
        server.start(wrapper=strace_command(output))
        serial = push_serially(server.port)
        parallel = push_concurrently(server.port)
        lines = stop_traced(server, output)
        trace = Trace(parse_trace(lines), str(server.data / log_directory) + "/")
        check_order(trace, serial)
        check_order(trace, parallel)
    refusals = sum(push.status != 204 for push in serial + parallel)
    report(f"{len(serial)} serial and {len(parallel)} concurrent replies ({refusals} of them 400 "
           f"or 429 though a row was stored), each after a sync of its record; "
           f"{len(trace.log_syncs)} syncs")


if __name__ == "__main__":
    # The log's folder below the data directory is an argument for trying out other servers.
    run_test(run, sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "skald/wal")
