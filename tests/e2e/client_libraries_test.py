"""Has real logging libraries from npm, PyPI, Maven and crates push to the server, and looks at what arrived.

tools/client_libraries.sh installs them and says where they are in SKALD_NODE_CLIENTS,
SKALD_PYTHON_CLIENTS, SKALD_JAVA_CLIENTS and SKALD_RUST_CLIENTS; without it only the shapes that Fluent Bit, Vector and others are known to
send are tried. A library that is not there is named, and the test skipped if none is.
"""

import gzip
import json
import os
import pathlib
import subprocess
import sys
import time

from harness import (NANOSECONDS, Server, TemporaryDirectory, TestSkipped, check, check_equal,
                     encode_json_push, encode_protobuf_push, report, run_test, snappy_literal,
                     wait_until)

PROGRAMS = pathlib.Path(__file__).resolve().parent / "clients"
COUNT = 50
LINES = [f"line {n}" for n in range(COUNT)]


class Node:
    """Runs programs with the libraries from npm."""

    def __init__(self, folder):
        self._environment = {**os.environ, "NODE_PATH": f"{folder}/node_modules"}

    def command(self, program):
        return ["node", str(PROGRAMS / f"{program}.js")]

    def run(self, program, *arguments):
        run_program(self.command(program), arguments, self._environment)


class Python:
    """Runs programs with the libraries from PyPI."""

    def __init__(self, interpreter):
        self._interpreter = interpreter

    def command(self, program):
        return [self._interpreter, str(PROGRAMS / f"{program}.py")]

    def run(self, program, *arguments):
        run_program(self.command(program), arguments, {**os.environ, "NO_PROXY": "*"})


class Compiled:
    """Runs a compiled client; `command` is the way to start it."""

    def __init__(self, *command):
        self._command = command

    def run(self, *arguments):
        run_program(self._command, arguments, {**os.environ, "NO_PROXY": "*"})


def run_program(command, arguments, environment):
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, timeout=60,
                          env=environment, check=False)
    output = (done.stdout + done.stderr).decode(errors="replace")
    check(done.returncode == 0, f"{command} ended with {done.returncode}: {output[-2000:]}")


def rows_of(server, selector):
    now = time.time_ns()
    with server.client() as client:
        return client.rows(selector, now - 3600 * NANOSECONDS, now + 60 * NANOSECONDS)


def check_rows(server, selector, expected, label=None, what=None):
    """Demands these lines in any order, each with the label's value if one is given."""
    rows = rows_of(server, selector)
    check_equal(sorted(row.line for row in rows), sorted(expected), f"lines of {what or selector}")
    if label:
        name, value = label
        for row in rows:
            check_equal(row.labels.get(name), value, f"{name} of a row of {selector}")
    return rows


# --- npm ------------------------------------------------------------------------------------------


def check_winston(node, server, url):
    node.run("winston_loki", url, COUNT)
    for encoding in ("json", "protobuf"):
        rows = rows_of(server, f'{{client="winston", encoding="{encoding}"}}')
        # Within a millisecond winston keeps no order.
        lines = sorted((row.line.split(" {")[0] for row in rows), key=LINES.index)
        check_equal(lines, LINES, f"winston, {encoding}")
        check_equal(rows[0].labels["level"], "info", "winston's level")
    report(f"winston-loki: {COUNT} lines in JSON and in protobuf")


def check_pino(node, server, url):
    node.run("pino_loki", url, COUNT)
    rows = rows_of(server, '{client="pino"}')
    check_equal([json.loads(row.line)["msg"] for row in rows], LINES, "pino's lines")
    check_equal([json.loads(row.line)["number"] for row in rows], list(range(COUNT)), "numbers")
    check_equal(rows[0].labels["level"], "info", "pino's level")
    report(f"pino-loki: {COUNT} lines")


def check_otel_js(node, server, url):
    node.run("opentelemetry_logs", url, COUNT)
    for name in ("otel-js-json", "otel-js-protobuf"):
        rows = check_rows(server, f'{{service_name="{name}"}}', LINES,
                          ("deployment_environment", "test"))
        metadata = rows[0].labels
        check_equal(metadata["detected_level"], "warn", f"{name}: detected level")
        check_equal(metadata["severity_text"], "WARN", f"{name}: severity")
        check("number" in metadata and metadata["nested_deep"] == '["a",1,true]',
              f"{name}: attributes {metadata}")
    report(f"OpenTelemetry for JavaScript: {COUNT} records in JSON and in protobuf")


# --- PyPI -----------------------------------------------------------------------------------------


def check_logging_loki(python, server, url):
    python.run("logging_loki_client", url, COUNT)
    for version in ("0", "1"):
        check_rows(server, f'{{client="logging-loki", logger="client-{version}"}}', LINES,
                   ("severity", "warning"))
    report(f"python-logging-loki: {COUNT} lines by either of its protocols")


def check_otel_python(python, server, url):
    python.run("opentelemetry_client", url, COUNT)
    for compression in ("none", "gzip", "deflate"):
        name = f"otel-py-{compression}"
        if compression == "deflate":
            # Loki takes no deflate at this endpoint, and so says 400; nothing may arrive.
            check_rows(server, f'{{service_name="{name}"}}', [])
        else:
            rows = check_rows(server, f'{{service_name="{name}"}}', LINES)
            check_equal(rows[7].labels["detected_level"], "warn", f"{name}: detected level")
    report(f"OpenTelemetry for Python: {COUNT} records, plain and gzip")


# --- Maven and crates -----------------------------------------------------------------------------


def check_loki4j(folder, server, url):
    Compiled("java", "-cp", f"{folder}:{folder}/lib/*", "Loki4jClient").run(url, COUNT)
    check_rows(server, '{client="loki4j"}', LINES, ("level", "WARN"))
    report(f"loki4j: {COUNT} lines")


def check_tracing_loki(folder, server, url):
    Compiled(f"{folder}/rust-client").run(url, COUNT)
    rows = rows_of(server, '{client="tracing"}')
    check_equal([json.loads(row.line)["message"] for row in rows], LINES, "tracing's lines")
    check_equal([json.loads(row.line)["number"] for row in rows], list(range(COUNT)), "numbers")
    check_equal(rows[0].labels["level"], "warn", "tracing's level")
    report(f"tracing-loki: {COUNT} lines")


def check_tail(python, server, url, directory):
    with server.client() as client:
        if client.request("GET", "/loki/api/v1/tail").status == 404:
            report("websocket-client: left out, for the server has no tail")
            return
    connected = directory / "connected"
    command = [*python.command("websocket_tail"), url, str(COUNT), str(connected)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tail:
        wait_until(lambda: connected.exists() or tail.poll() is not None, 20, "a tail connects")
        with server.client() as client:
            for line in LINES:
                client.push_json([({"client": "tailed"}, [(time.time_ns(), line)])])
        output, errors = tail.communicate(timeout=30)
    check_equal(output.decode().splitlines(), LINES, f"tailed lines ({errors.decode()[-500:]})")
    report(f"websocket-client: {COUNT} lines tailed")


# --- Shapes ---------------------------------------------------------------------------------------


def shape(name, body, headers, path="/loki/api/v1/push"):
    return name, path, body, headers


def shapes(now):
    """(name, path, body, headers) as agents send them that are no libraries."""
    def stream(agent):
        return {"agent": agent}, [(now, "line 0"), (now + 1, "line 1")]

    def json_body(agent):
        labels, entries = stream(agent)
        values = [[str(ts), line, {"trace": "abc"}] for ts, line in entries]
        return json.dumps({"streams": [{"stream": labels, "values": values}]}).encode()

    as_json = {"Content-Type": "application/json"}
    protobuf = {"Content-Type": "application/x-protobuf"}
    return [
        shape("fluent-bit", json_body("fluent-bit"),
              {**as_json, "User-Agent": "Fluent-Bit", "Connection": "keep-alive"}),
        shape("fluent-bit-gzip", gzip.compress(json_body("fluent-bit-gzip")),
              {**as_json, "User-Agent": "Fluent-Bit", "Content-Encoding": "gzip"}),
        shape("vector", snappy_literal(encode_protobuf_push([stream("vector")])),
              {**protobuf, "User-Agent": "Vector/0.43.1", "Content-Encoding": "snappy",
               "Accept-Encoding": "zstd,gzip,deflate,br"}),
        shape("vector-json", gzip.compress(json_body("vector-json")),
              {**as_json, "User-Agent": "Vector/0.43.1", "Content-Encoding": "gzip"}),
        shape("fluentd", encode_json_push([stream("fluentd")]), {"Content-Type": "application/json"}),
        shape("logstash", encode_json_push([stream("logstash")]),
              {"Content-Type": "application/json;charset=utf-8", "Accept": "*/*"}),
        shape("promtail", snappy_literal(encode_protobuf_push([stream("promtail")])),
              {**protobuf, "User-Agent": "promtail/3.6.4", "Accept-Encoding": "gzip"}),
        shape("docker", snappy_literal(encode_protobuf_push([stream("docker")])), protobuf,
              "/api/prom/push"),
    ]


def check_shapes(server):
    with server.client() as client:
        # Vector asks for this before it sends anything.
        check_equal(client.request("GET", "/ready").status, 200, "the health check")
    cases = shapes(time.time_ns())
    for name, path, body, headers in cases:
        with server.client() as client:
            response = client.request("POST", path, body, headers)
            check_equal(response.status, 204, f"{name}: {response.body!r}")
        check_rows(server, f'{{agent="{name}"}}', ["line 0", "line 1"])
    report(f"{len(cases)} shapes of agents: {', '.join(case[0] for case in cases)}")


def run(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.start()
        url = f"http://127.0.0.1:{server.port}"
        check_shapes(server)
        tried = check_libraries(server, url, directory)
        check_equal(server.terminate(), 0, "exit code after SIGTERM")
    if not tried:
        raise TestSkipped("SKALD_NODE_CLIENTS, SKALD_PYTHON_CLIENTS, SKALD_JAVA_CLIENTS and "
                          "SKALD_RUST_CLIENTS are not set; tools/test.sh --real-clients sets them")


def check_libraries(server, url, directory):
    """Tries the libraries that are there; returns how many kinds are."""
    kinds = {
        "NODE": ("npm", lambda place: [test(Node(place), server, url) for test in
                                       (check_winston, check_pino, check_otel_js)]),
        "PYTHON": ("PyPI", lambda place: [
            *(test(Python(place), server, url) for test in (check_logging_loki, check_otel_python)),
            check_tail(Python(place), server, url, directory)]),
        "JAVA": ("Maven", lambda place: check_loki4j(place, server, url)),
        "RUST": ("crates", lambda place: check_tracing_loki(place, server, url)),
    }
    tried = 0
    for kind, (registry, test) in kinds.items():
        place = os.environ.get(f"SKALD_{kind}_CLIENTS")
        if not place:
            report(f"no libraries from {registry}: tools/client_libraries.sh installs them")
            continue
        test(place)
        tried += 1
    return tried


if __name__ == "__main__":
    run_test(run, sys.argv[1])
