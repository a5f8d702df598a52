"""Idle connections, tails and heavy queries at once: none of them starves pushes.

    load_test.py path/to/skald [--full]

Pushers must get all their pushes acknowledged while the others press on the server; a 429 or 503
is tried again, as agents do. Every line is then there once, every tail has seen one of the last,
every idle connection still serves, and file descriptors and memory are bounded. Latencies are
printed, not judged: only a generous end is set to the whole. --full is 2,000 idle connections, 200
tails and 100 heavy queries at once; without it a tenth of that.
"""

import collections
import json
import os
import pathlib
import re
import resource
import select
import socket
import sys
import threading
import time
import urllib.parse

from harness import (NANOSECONDS, SANITIZED, Server, TemporaryDirectory, TestSkipped, check,
                     check_equal, report, run_test, wait_until)
from websocket import WebSocket

Size = collections.namedtuple("Size", "idle tails queries pushers pushes lines")
BOUNDED = Size(idle=200, tails=20, queries=10, pushers=4, pushes=100, lines=40_000)
FULL = Size(idle=2000, tails=200, queries=100, pushers=8, pushes=400, lines=200_000)

MEMORY_LIMIT_MIB = 512
MEMORY_SLACK_MIB = 128
END_SECONDS = 150  # generous: the pushes take a few seconds
BATCH = 20
TRY_AGAIN = {429, 503}
HEAVY = [
    'sum by (path) (count_over_time({job="old"} | json | status >= 500 [1m]))',
    'quantile_over_time(0.99, {job="old"} | json | unwrap took [1m]) by (status)',
    'sum(count_over_time({job="old"} |~ "(?i)a.*e.*i.*[0-9]{3}.*z" [1m]))',
    'topk(5, sum by (id) (bytes_over_time({job="old"} | json [1m])))',
]


def path_of(endpoint, **parameters):
    return f"/loki/api/v1/{endpoint}?{urllib.parse.urlencode(parameters)}"


class Latencies:
    """Durations of requests by what was answered. Threads: any."""

    def __init__(self):
        self._lock = threading.Lock()
        self._seconds = collections.defaultdict(list)

    def add(self, status, began):
        with self._lock:
            self._seconds[status].append(time.monotonic() - began)

    def count(self, status):
        with self._lock:
            return len(self._seconds[status])

    def text(self):
        with self._lock:
            parts = []
            for status, seconds in sorted(self._seconds.items()):
                ordered = sorted(seconds)
                marks = [ordered[int(q * (len(ordered) - 1))] * 1000 for q in (.5, .9, .99, 1)]
                parts.append(f"{len(ordered)} times {status} in "
                             + " / ".join(f"{mark:.0f}" for mark in marks)
                             + " ms (50 %, 90 %, 99 %, longest)")
            return "; ".join(parts) or "none"


class Watcher(threading.Thread):
    """Remembers the largest number of descriptors and threads and the largest resident size."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self._pid = pid
        self.descriptors = self.threads = self.mebibytes = 0
        self.stop = threading.Event()

    def look(self):
        status = pathlib.Path(f"/proc/{self._pid}/status").read_text()
        self.descriptors = max(self.descriptors, descriptors(self._pid))
        self.threads = max(self.threads, int(re.search(r"Threads:\s+(\d+)", status).group(1)))
        self.mebibytes = max(self.mebibytes,
                             int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) // 1024)

    def run(self):
        while not self.stop.wait(0.1):
            self.look()


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def old_lines(first, count):
    return [(time.time_ns() - 600 * NANOSECONDS + (first + i) * 1_000_000,
             json.dumps({"id": first + i, "path": f"/api/{i % 50}", "status": 200 + i * 7 % 400,
                         "took": i * 31 % 1000, "text": "the quick brown fox jumps over a dog"}))
            for i in range(count)]


def fill(server, lines):
    """Stores what the heavy queries read."""
    with server.client() as client:
        for first in range(0, lines, 5000):
            reply = client.push_json([({"job": "old"}, old_lines(first, 5000))])
            check_equal(reply.status, 204, f"old lines ({reply.body!r})")
        check_equal(client.request("POST", "/flush").status, 204, "flush")


class Pusher(threading.Thread):
    """Pushes its batches one after the other, each until it is acknowledged."""

    def __init__(self, server, number, pushes, latencies):
        super().__init__(daemon=True)
        self._server, self._number, self._pushes = server, number, pushes
        self._latencies = latencies
        self.acknowledged = 0
        self.failure = None

    def run(self):
        with self._server.client(timeout=60) as client:
            for push in range(self._pushes):
                batch = [(time.time_ns(), f"pusher={self._number} push={push} line={i} needle")
                         for i in range(BATCH)]
                if not self._push(client, batch):
                    return

    def _push(self, client, batch):
        while True:
            began = time.monotonic()
            reply = client.push_protobuf([({"job": "new", "pusher": str(self._number)}, batch)])
            self._latencies.add(reply.status, began)
            if reply.status == 204:
                self.acknowledged += 1
                return True
            if reply.status not in TRY_AGAIN:
                self.failure = f"{reply.status} {reply.body!r}"
                return False
            time.sleep(0.2)


class Asker(threading.Thread):
    """Asks one question after the other until it is stopped."""

    def __init__(self, server, queries, latencies, stop, pause=0.0):
        super().__init__(daemon=True)
        self._server, self._queries, self._latencies = server, queries, latencies
        self._stop_asking, self._pause = stop, pause
        self.failure = None

    def run(self):
        with self._server.client(timeout=120) as client:
            turn = 0
            while not self._stop_asking.wait(self._pause):
                began = time.monotonic()
                end = time.time_ns()
                path = path_of("query_range", query=self._queries[turn % len(self._queries)],
                               start=end - 900 * NANOSECONDS, end=end, step="5s")
                reply = client.request("GET", path)
                self._latencies.add(reply.status, began)
                if reply.status != 200 and reply.status not in TRY_AGAIN:
                    self.failure = f"{path}: {reply.status} {reply.body[:300]!r}"
                    return
                turn += 1


class Tails(threading.Thread):
    """Many tails, read by one thread; knows which of them have seen a text."""

    def __init__(self, server, count):
        super().__init__(daemon=True)
        self._sockets = [WebSocket(server.port, path_of("tail", query='{job="new"} |= "needle"'))
                         for _ in range(count)]
        self._lock = threading.Lock()
        self._messages = 0
        self._seen = set()
        self._text = None
        self.stop = threading.Event()
        self.failure = None

    def look_for(self, text):
        with self._lock:
            self._text = text

    def seen(self):
        with self._lock:
            return len(self._seen)

    def messages(self):
        with self._lock:
            return self._messages

    def run(self):
        numbers = {tail.fileno(): i for i, tail in enumerate(self._sockets)}
        poll = select.poll()
        for descriptor in numbers:
            poll.register(descriptor, select.POLLIN)
        try:
            while not self.stop.is_set():
                for descriptor, _ in poll.poll(100):
                    self._read(numbers[descriptor])
        except Exception as error:  # whatever ends a tail is the test's failure
            self.failure = repr(error)

    def _read(self, number):
        for message in self._sockets[number].receive_arrived():
            with self._lock:
                self._messages += 1
                if self._text is not None and self._text in message:
                    self._seen.add(number)

    def close(self):
        self.stop.set()
        self.join()
        for tail in self._sockets:
            tail.__exit__()


def ask_once(connection):
    """One request over an idle connection; returns the status line."""
    connection.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
    return connection.recv(65536).split(b"\r\n", 1)[0].decode()


def open_idle(server, count):
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        check_equal(ask_once(connection), "HTTP/1.1 200 OK", "a connection that will be idle")
        connections.append(connection)
    return connections


def push_all(server, size, latencies, threads):
    """Runs the pushers to their end; every one must get all its pushes acknowledged."""
    pushers = [Pusher(server, number, size.pushes, latencies) for number in range(size.pushers)]
    began = time.monotonic()
    for pusher in pushers:
        pusher.start()
    for pusher in pushers:
        pusher.join(max(0, began + END_SECONDS - time.monotonic()))
        check(pusher.failure is None, f"a push was refused for good: {pusher.failure}")
        check_equal(pusher.acknowledged, size.pushes,
                    f"acknowledged pushes of one pusher after {END_SECONDS} s")
    for thread in threads:
        check(thread.failure is None, f"{type(thread).__name__}: {thread.failure}")
    return time.monotonic() - began


def lines_of_pushers(client):
    answer = client.get_json("query", query='sum by (pusher) (count_over_time({job="new"}[1h]))',
                             time=time.time_ns())
    return {row["metric"]["pusher"]: int(row["value"][1]) for row in answer["data"]["result"]}


def push_until_seen(server, tails, count):
    """Pushes a line now and then until every tail has seen one; slow tails are spared some."""
    tails.look_for("the last needle")
    lines = 0
    deadline = time.monotonic() + END_SECONDS
    with server.client() as client:
        while tails.seen() < count:
            check(tails.failure is None, f"a tail ended: {tails.failure}")
            check(time.monotonic() < deadline, f"only {tails.seen()} tails saw a last line")
            reply = client.push_json([({"job": "new", "pusher": "last"},
                                       [(time.time_ns(), f"the last needle {lines}")])])
            check(reply.status in {204, *TRY_AGAIN}, f"the last push: {reply.status}")
            lines += reply.status == 204
            time.sleep(0.5)
    return lines


def press(server, size):
    """All at once, until the pushes are done; returns how many lines came after those."""
    pushes, heavy, light = Latencies(), Latencies(), Latencies()
    idle = open_idle(server, size.idle)
    tails = Tails(server, size.tails)
    tails.start()
    stop = threading.Event()
    askers = [Asker(server, HEAVY[i % len(HEAVY):] + HEAVY[:i % len(HEAVY)], heavy, stop)
              for i in range(size.queries)]
    askers += [Asker(server, ['{job="new"} |= "needle"'], light, stop, pause=0.2)
               for _ in range(2)]
    for asker in askers:
        asker.start()
    wait_until(lambda: heavy.count(200) > 0, END_SECONDS, "a heavy query is answered")
    seconds = push_all(server, size, pushes, [*askers, tails])
    last_lines = push_until_seen(server, tails, size.tails)
    stop.set()
    for asker in askers:
        asker.join(120)
        check(asker.failure is None, f"a query failed: {asker.failure}")
    check(heavy.count(200) > 0 and light.count(200) > 0, "queries were answered all along")
    for connection in idle:
        check_equal(ask_once(connection), "HTTP/1.1 200 OK", "a connection that was idle")
        connection.close()
    messages = tails.messages()
    tails.close()
    report(f"{size.pushers * size.pushes} pushes in {seconds:.1f} s: {pushes.text()}")
    report(f"heavy queries: {heavy.text()}")
    report(f"light queries: {light.text()}")
    report(f"{size.tails} tails got {messages} messages; {size.idle} idle connections still serve")
    return last_lines


def open_files_for(size):
    wanted = size.idle + size.tails + size.queries + 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise TestSkipped(f"{wanted} open files are needed, {hard} are allowed")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def configure(server, size):
    text = server.config_path.read_text()
    text = text.replace("limits_config:\n",
                        f"limits_config:\n  max_concurrent_tail_requests: {size.tails + 10}\n")
    text = text.replace("server:\n", "server:\n  http_server_idle_timeout: 10m\n")
    server.config_path.write_text(text)


def test(binary, *options):
    size = FULL if "--full" in options else BOUNDED
    open_files_for(size)
    with TemporaryDirectory() as directory, Server(
            binary, directory, arguments=[f"-skald.memory-limit={MEMORY_LIMIT_MIB}MB"]) as server:
        configure(server, size)
        server.start()
        fill(server, size.lines)
        alone = Latencies()
        before = Size(**{**size._asdict(), "pushes": size.pushes // 4})
        push_all(server, before, alone, [])
        report(f"pushes with nothing else: {alone.text()}")
        with server.client() as client:
            counted = lines_of_pushers(client)
        at_rest = descriptors(server.process.pid)
        watcher = Watcher(server.process.pid)
        watcher.start()
        last_lines = press(server, size)
        watcher.stop.set()
        watcher.join()
        with server.client() as client:
            now = lines_of_pushers(client)
            check_equal(now.pop("last"), last_lines, "the last lines")
            check_equal(now, {pusher: lines + size.pushes * BATCH
                              for pusher, lines in counted.items()}, "lines of every pusher")
        wait_until(lambda: descriptors(server.process.pid) <= at_rest + 20, 60,
                   "connections are closed and their descriptors free")
        most = at_rest + size.idle + size.tails + size.queries + size.pushers + 100
        check(watcher.descriptors <= most, f"{watcher.descriptors} descriptors, {most} expected")
        check(SANITIZED or watcher.mebibytes <= MEMORY_LIMIT_MIB + MEMORY_SLACK_MIB,
              f"{watcher.mebibytes} MiB, with a limit of {MEMORY_LIMIT_MIB}")
        report(f"at most {watcher.descriptors} descriptors ({at_rest} before), "
               f"{watcher.threads} threads, {watcher.mebibytes} MiB of memory")
        check_equal(server.terminate(), 0, "exit code")


if __name__ == "__main__":
    run_test(test, *sys.argv[1:])
