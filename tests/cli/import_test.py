#!/usr/bin/env python3
"""`skaldcli import` moves everything from one server to another, and goes on where it was killed.

    import_test.py SKALD SKALDCLI
"""

import http.server
import json
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
# pylint: disable=wrong-import-position
from harness import (NANOSECONDS, Client, Server, TemporaryDirectory, check, check_equal, report,
                     run_test, wait_until)

CATEGORISED = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
PUSH = "/loki/api/v1/push"
HANG_AT = 6  # the push that is stored but not answered


class Gate(http.server.BaseHTTPRequestHandler):
    """Hands pushes on to the target; keeps the answer of one of them to itself."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.target}{self.path}", body,
                                         {"Content-Type": self.headers["Content-Type"]})
        try:
            with urllib.request.urlopen(request) as reply:
                status = reply.status
        except urllib.error.HTTPError as error:
            status = error.code
        self.server.pushes += 1
        if self.server.pushes == HANG_AT:
            self.server.hanging.set()
            self.server.release.wait()
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


def start_gate(target):
    gate = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    gate.target, gate.pushes = target, 0
    gate.hanging, gate.release = threading.Event(), threading.Event()
    threading.Thread(target=gate.serve_forever, daemon=True).start()
    return gate


def sample_streams(end):
    """Streams of three hours: with and without common labels, metadata, equal times, odd lines."""
    rng = random.Random(7)
    streams = []
    for number in range(4):
        labels = {"app": f"app{number % 2}", "instance": str(number)} if number else {"job": "cron"}
        rows = []
        for index in range(150):
            at = end - (150 - index) * 70 * NANOSECONDS + number
            line = f'line {index} of "{number}" <&> \\ é\t{rng.random()}'
            metadata = {"trace_id": f"{rng.getrandbits(64):016x}"} if index % 3 else {}
            rows.append([str(at), line, metadata])
        streams.append({"stream": labels, "values": rows})
    # More rows of one moment than a page holds, in two streams of which one selects the other.
    moment = str(end - 4000 * NANOSECONDS)
    for labels in ({"app": "burst"}, {"app": "burst", "zone": "a"}):
        streams.append({"stream": labels, "values": [[moment, f"{index}", {}]
                                                     for index in range(8)]})
    return streams


def push(client, streams):
    reply = client.request("POST", PUSH, json.dumps({"streams": streams}),
                           {"Content-Type": "application/json"})
    check_equal(reply.status, 204, f"push: {reply.body!r}")


def everything(client, start, end):
    """{stream labels: rows with metadata}, as the server tells them apart."""
    words = urllib.parse.urlencode({"query": '{service_name=~".+"}', "start": start, "end": end,
                                    "limit": 5000, "direction": "forward"})
    reply = client.request("GET", f"/loki/api/v1/query_range?{words}", headers=CATEGORISED)
    check_equal(reply.status, 200, f"query: {reply.body!r}")
    return {json.dumps(stream["stream"], sort_keys=True): stream["values"]
            for stream in json.loads(reply.body)["data"]["result"]}


def spawn(tool, gate, source, state, span):
    return subprocess.Popen(
        [tool, "import", f"http://127.0.0.1:{source.port}", "--batch=10", "--window=20m",
         f"--addr=http://127.0.0.1:{gate.server_port}", f"--state={state}", *span],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def span_flags(start, end):
    stamp = lambda ns: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ns // NANOSECONDS))
    return [f"--from={stamp(start)}", f"--to={stamp(end)}"]


def test(server_binary, tool):
    end = (int(time.time()) - 60) * NANOSECONDS
    start = end - 3 * 3600 * NANOSECONDS
    span = span_flags(start, end)
    with TemporaryDirectory() as folder:
        (folder / "a").mkdir()
        (folder / "b").mkdir()
        with Server(server_binary, folder / "a") as source, \
                Server(server_binary, folder / "b") as target:
            source.start()
            target.start()
            gate = start_gate(target.port)
            state = folder / "state.json"
            with Client(source.port) as client:
                push(client, sample_streams(end))
                before = everything(client, start, end)
            check_equal(len(before), 6, "streams on the source")

            killed = spawn(tool, gate, source, state, span)
            wait_until(gate.hanging.is_set, 60, "the import has come half way")
            killed.send_signal(signal.SIGKILL)
            killed.communicate()
            gate.release.set()
            with Client(target.port) as client:
                half = sum(map(len, everything(client, start, end).values()))
            total = sum(map(len, before.values()))
            check(0 < half < total, f"{half} of {total} rows when killed")
            report(f"killed after {half} of {total} rows")

            out, err = spawn(tool, gate, source, state, span).communicate(timeout=120)
            check("going on from" in err, f"it resumes: {err}")
            check("entries" in out, f"it tells what it did: {out!r} {err!r}")
            with Client(target.port) as client:
                check_equal(everything(client, start, end), before, "rows on the target")
            report("resumed: the same streams, rows, order and metadata")

            pushes = gate.pushes
            again = spawn(tool, gate, source, state, span)
            again.communicate(timeout=60)
            check_equal((again.returncode, gate.pushes), (0, pushes), "a finished import is done")

            other = spawn(tool, gate, source, state, span_flags(start - 3600 * NANOSECONDS, end))
            _, err = other.communicate(timeout=60)
            check_equal(other.returncode, 1, "another import's state")
            check("state of another import" in err, err)


if __name__ == "__main__":
    run_test(test, *sys.argv[1:])
