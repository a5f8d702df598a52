"""tail over WebSocket: backlog, live entries, forms, refusals, slow clients, many clients, the end.

    tail_test.py path/to/skald
"""

import collections
import json
import sys
import threading
import time
import urllib.parse

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, check, check_equal, report,
                     run_test, wait_until)
from websocket import Closed, HandshakeRefused, WebSocket

TAIL = "/loki/api/v1/tail"
CATEGORIZE = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
METRIC_TAIL_GAUGE = "loki_querier_tail_active "


def path_of(query, tail=TAIL, **parameters):
    return f"{tail}?{urllib.parse.urlencode({'query': query, **parameters})}"


def push(server, app, lines, **labels):
    """Pushes lines a nanosecond apart; a line may be a pair with its metadata."""
    now = time.time_ns()
    values = [[str(now + i), line] if isinstance(line, str) else [str(now + i), *line]
              for i, line in enumerate(lines)]
    body = json.dumps({"streams": [{"stream": {"app": app, **labels}, "values": values}]})
    with Client(server.port) as client:
        response = client.request("POST", "/loki/api/v1/push", body,
                                  {"Content-Type": "application/json"})
    check_equal(response.status, 204, f"push ({response.body!r})")


def entries_of(message):
    return [(stream["stream"], value) for stream in json.loads(message)["streams"]
            for value in stream["values"]]


def read_lines(socket, count):
    """Reads messages until there are `count` entries; returns their lines."""
    lines = []
    while len(lines) < count:
        lines += [value[1] for _, value in entries_of(socket.receive())]
    check_equal(len(lines), count, "entries in whole messages")
    return lines


def check_backlog_and_live(server):
    push(server, "first", [f"old {n}" for n in range(10)])
    with WebSocket(server.port, path_of('{app="first"}', limit=4)) as socket:
        check_equal(read_lines(socket, 4), [f"old {n}" for n in range(6, 10)], "backlog")
        push(server, "first", ["new 0", "new 1"])
        push(server, "other", ["of another stream"])
        push(server, "first", ["new 2"])
        check_equal(read_lines(socket, 3), ["new 0", "new 1", "new 2"], "live entries")
        check_equal(socket.close(), 1000, "the server's answer to a close frame")
    report("backlog, then live entries")


def check_nothing_twice(server):
    """Rows that arrive while the backlog is read come once, whichever side has them."""
    for attempt in range(5):
        app = f"overlap{attempt}"
        stop = threading.Event()
        pushed = []

        def keep_pushing():
            while not stop.is_set():
                line = f"line {len(pushed)}"
                push(server, app, [line])
                pushed.append(line)

        thread = threading.Thread(target=keep_pushing)
        thread.start()
        wait_until(lambda: len(pushed) > 20, 30, "pushes")
        with WebSocket(server.port, path_of(f'{{app="{app}"}}', limit=5000)) as socket:
            seen = [value[1] for _, value in entries_of(socket.receive())]
            stop.set()
            thread.join()
            while len(seen) < len(pushed):
                seen += [value[1] for _, value in entries_of(socket.receive())]
        check_equal(seen, pushed, "entries across the seam of backlog and live")
    report("every entry once across the seam")


def check_pipeline(server):
    query = '{app="piped"} |= "keep" | logfmt | line_format "{{.n}}"'
    with WebSocket(server.port, path_of(query)) as socket:
        push(server, "piped", ["keep n=1", "drop n=2", "keep n=3"])
        check_equal(read_lines(socket, 2), ["1", "3"], "filtered and formatted lines")
    report("the pipeline runs over live entries")


def check_categories(server):
    with WebSocket(server.port, path_of('{app="cat"} | logfmt'), CATEGORIZE) as socket:
        push(server, "cat", [("a=1", {"trace": "x"})])
        message = socket.receive()
    stream, value = entries_of(message)[0]
    check_equal(stream, {"app": "cat", "service_name": "cat"}, "labels of a categorised stream")
    check_equal(value[2], {"structuredMetadata": {"detected_level": "unknown", "trace": "x"},
                           "parsed": {"a": "1"}}, "the third element")
    check(message.endswith(',"encodingFlags":["categorize-labels"]}'), f"flags last: {message}")

    with WebSocket(server.port, path_of('{app="cat"}', limit=1)) as socket:
        push(server, "cat", [("a=2", {"trace": "y"})])
        message = socket.receive() and socket.receive()
    stream, value = entries_of(message)[0]
    check_equal(stream, {"app": "cat", "service_name": "cat", "detected_level": "unknown",
                         "trace": "y"}, "merged labels")
    check_equal(len(value), 2, "elements without categories")
    check("encodingFlags" not in message, f"no flags without the header: {message}")
    report("labels in both forms")


def check_legacy(server):
    with WebSocket(server.port, path_of('{app="legacy"}', "/api/prom/tail")) as socket:
        push(server, "legacy", ["<x>"])
        message = socket.receive()
    check(message.endswith('"dropped_entries":null}\n'), f"end of a legacy message: {message!r}")
    stream = json.loads(message)["streams"][0]
    check_equal(stream["labels"],
                '{app="legacy", detected_level="unknown", service_name="legacy"}', "labels")
    check_equal(stream["entries"][0]["line"], "<x>", "line")
    report("the legacy form")


def check_delay(server):
    """Entries that are held back come in the order of their times."""
    now = time.time_ns()
    with WebSocket(server.port, path_of('{app="late"}', delay_for=2)) as socket:
        with Client(server.port) as client:
            client.push_json([({"app": "late"}, [(now, "second")])])
            client.push_json([({"app": "late"}, [(now - NANOSECONDS, "first")])])
        check_equal(read_lines(socket, 2), ["first", "second"], "late entries in order")
    report("delay_for puts late entries in order")


def check_refusals(server):
    for name, path, text in [
            ("no query", TAIL, "parse error : syntax error: unexpected $end"),
            ("delay", path_of('{a="b"}', delay_for=6), "delay_for can't be greater than 5"),
            ("negative delay", path_of('{a="b"}', delay_for=-1), "delay_for can't be greater than 5"),
            ("delay of no number", path_of('{a="b"}', delay_for="x"),
             'strconv.Atoi: parsing "x": invalid syntax'),
            ("limit", path_of('{a="b"}', limit=0), "limit must be a positive value")]:
        try:
            WebSocket(server.port, path)
            check(False, f"{name}: was upgraded")
        except HandshakeRefused as refusal:
            check_equal((refusal.status, refusal.body), (400, text), name)
    with Client(server.port) as client:
        response = client.request("GET", path_of('{a="b"}'))
    check_equal((response.status, response.body), (400, b"Bad Request\n"), "no upgrade")
    check_equal(response.headers.get("Sec-Websocket-Version"), "13", "Sec-Websocket-Version")
    with WebSocket(server.port, path_of('rate({a="b"}[1m])')) as socket:
        expect_close(socket, 1011, "only log selector is supported")
    report("bad requests are refused before or after the upgrade, as Loki does")


def expect_close(socket, code, reason):
    try:
        message = socket.receive()
        check(False, f"expected an end, got {message!r}")
    except Closed as closed:
        check_equal((closed.code, closed.reason), (code, reason), "close frame")


def check_limit(server):
    """The configuration allows 205 tails."""
    sockets = [WebSocket(server.port, path_of(f'{{app="many"}} |= "{n % 2}"'))
               for n in range(205)]
    with WebSocket(server.port, path_of('{app="many"}')) as socket:
        expect_close(socket, 1011,
                     "rpc error: code = Code(400) desc = max concurrent tail requests limit "
                     "exceeded, count > limit (206 > 205)")
    push(server, "many", ["line 0", "line 1"])
    received = collections.Counter(tuple(read_lines(socket, 1)) for socket in sockets)
    check_equal(received, {("line 0",): 103, ("line 1",): 102}, "what 205 tails received")
    for socket in sockets:
        socket.__exit__()
    wait_until(lambda: active_tails(server) == 0, 30, "hung-up tails to be gone")
    report("205 tails at once, and not one more")


def active_tails(server):
    with Client(server.port) as client:
        text = client.request("GET", "/metrics").body.decode()
    line = next(line for line in text.splitlines() if line.startswith(METRIC_TAIL_GAUGE))
    return int(float(line.split()[1]))


def check_slow_client(server):
    """A client that does not read is told what it missed, and pushes go on."""
    with WebSocket(server.port, path_of('{app="flood"}')) as socket:
        for _ in range(30):
            push(server, "flood", ["x" * 1000] * 2000)
        wait_until(lambda: "dropped" in message_with_drops(socket), 60, "word of dropped entries")
    report("a slow client is told of dropped entries")


def message_with_drops(socket):
    message = json.loads(socket.receive())
    for entry in message.get("dropped_entries", []):
        check(int(entry["timestamp"]) > 0 and entry["labels"]["app"] == "flood", f"{entry}")
        return "dropped"
    return ""


def check_tenants(binary):
    """With tenants on, nobody follows another's rows."""
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        config = server.config_path.read_text().replace("auth_enabled: false",
                                                        "auth_enabled: true")
        server.config_path.write_text(config)
        server.start()
        sockets = {tenant: WebSocket(server.port, path_of('{app=~".+"}'),
                                     {"X-Scope-OrgID": tenant}) for tenant in ("a", "b")}
        with Client(server.port) as client:
            for tenant in sockets:
                response = client.push_json([({"app": "x"}, [(time.time_ns(), f"of {tenant}")])],
                                            {"X-Scope-OrgID": tenant})
                check_equal(response.status, 204, "push")
        for tenant, socket in sockets.items():
            check_equal(read_lines(socket, 1), [f"of {tenant}"], f"what {tenant} sees")
        for headers, status, text in [({}, 401, "no org id"),
                                      ({"X-Scope-OrgID": "a|b"}, 400,
                                       "multiple org IDs present")]:
            try:
                WebSocket(server.port, path_of('{app="x"}'), headers)
                check(False, f"{headers}: was upgraded")
            except HandshakeRefused as refusal:
                check_equal((refusal.status, refusal.body.strip()), (status, text), str(headers))
        server.terminate()
    report("tenants do not see each other's rows")


def check_deaf_client(server):
    """A client that does not answer the good-bye is not waited for."""
    server.start()
    with WebSocket(server.port, path_of('{app="end"}')):
        check_equal(server.terminate(timeout=8), 0, "exit code with a client that does not answer")
    report("a client that does not answer the good-bye")


def run(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.config_path.write_text(server.config_path.read_text().replace(
            "limits_config:\n", "limits_config:\n  max_concurrent_tail_requests: 205\n"))
        server.start()
        check_backlog_and_live(server)
        check_nothing_twice(server)
        check_pipeline(server)
        check_categories(server)
        check_legacy(server)
        check_delay(server)
        check_refusals(server)
        check_limit(server)
        check_slow_client(server)
        with WebSocket(server.port, path_of('{app="end"}')) as socket:
            wait_until(lambda: socket.has_input(0.1), 30, "a ping")
            stopper = threading.Thread(target=server.terminate)
            stopper.start()
            expect_close(socket, 1001, "the server is shutting down")
            check(socket.pings > 0, "no ping came")
            stopper.join()
        report("pings; a good-bye when the server stops")
        check_deaf_client(server)
    check_tenants(binary)


if __name__ == "__main__":
    run_test(run, sys.argv[1])
