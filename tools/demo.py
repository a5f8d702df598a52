#!/usr/bin/env python3
"""Shows the server at work: starts it on an empty directory, feeds it, asks it, stops it.

Called by tools/run.sh --demo. Everything happens in a temporary directory and on port 3100, or on
a free port when that one is taken. Exits 0 only if every line that was pushed was found again and
the server stopped cleanly.
"""

import argparse
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

LINES_DIRECTORY = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "demo"
SOURCES = {"access.log": "nginx", "app.json.log": "shop", "worker.logfmt.log": "worker"}
NANOSECONDS = 1_000_000_000
LOG_QUERY = '{app="shop"} | json | level="error" | line_format "{{.component}}: {{.msg}}"'
COUNT_QUERY = 'sum by (app, detected_level) (count_over_time({app=~".+"}[1h]))'
TOTAL_QUERY = 'sum(count_over_time({app=~".+"}[1h]))'


class DemoError(Exception):
    """Something did not work; the text says what."""


def port_or_free(preferred):
    """Returns `preferred` if nothing listens there (0 asks for any), else a free port."""
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", preferred))
        except OSError:
            probe.bind(("0.0.0.0", 0))
        return probe.getsockname()[1]


def call(url, body=None):
    """Sends a GET, or a JSON POST if there is a body; returns the answer's text."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        raise DemoError(f"{url} answered {error.code}: {error.read().decode().strip()}") from error
    except OSError as error:
        raise DemoError(f"{url}: {error}") from error


def wait_until_ready(server, base):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise DemoError(f"the server ended at once with exit code {server.returncode}")
        try:
            call(base + "/ready")
            return
        except DemoError:
            time.sleep(0.05)
    raise DemoError("the server was not ready within 60 seconds")


def push_lines(base, now):
    """Pushes every demo file as one stream, a line each half second up to now."""
    total = 0
    for name, app in SOURCES.items():
        lines = (LINES_DIRECTORY / name).read_text(encoding="utf-8").splitlines()
        first = now - len(lines) * NANOSECONDS // 2
        values = [[str(first + i * NANOSECONDS // 2), line] for i, line in enumerate(lines)]
        stream = {"stream": {"app": app, "file": name}, "values": values}
        call(base + "/loki/api/v1/push", json.dumps({"streams": [stream]}).encode())
        print(f"pushed {len(lines)} lines of {name} as {{app=\"{app}\"}}")
        total += len(lines)
    return total


def query(base, endpoint, **parameters):
    url = f"{base}/loki/api/v1/{endpoint}?{urllib.parse.urlencode(parameters)}"
    return json.loads(call(url))["data"]["result"]


def print_log_query(base, now):
    streams = query(base, "query_range", query=LOG_QUERY, limit=8, start=now - 3600 * NANOSECONDS,
                    end=now + NANOSECONDS)
    rows = sorted((int(ts), line) for stream in streams for ts, line in stream["values"])
    if not rows:
        raise DemoError(f"the log query found nothing: {LOG_QUERY}")
    print(f"\nThe newest errors of the shop:\n  {LOG_QUERY}")
    for ts, line in rows:
        clock = time.strftime("%H:%M:%S", time.localtime(ts // NANOSECONDS))
        print(f"    {clock}  {line}")


def print_count_query(base, now):
    series = query(base, "query", query=COUNT_QUERY, time=now)
    print(f"\nLines of the last hour by application and level:\n  {COUNT_QUERY}")
    for item in sorted(series, key=lambda item: sorted(item["metric"].items())):
        metric = item["metric"]
        level = metric.get("detected_level", "-")
        print(f"    {metric['app']:<8} {level:<8} {item['value'][1]:>5}")


def check_total(base, now, expected):
    series = query(base, "query", query=TOTAL_QUERY, time=now)
    found = int(series[0]["value"][1]) if series else 0
    if found != expected:
        raise DemoError(f"{expected} lines were pushed but {found} were counted")
    print(f"\nall {expected} lines counted")


def stop(server):
    server.send_signal(signal.SIGTERM)
    try:
        code = server.wait(timeout=30)
    except subprocess.TimeoutExpired as error:
        raise DemoError("the server did not stop within 30 seconds of SIGTERM") from error
    if code != 0:
        raise DemoError(f"the server stopped with exit code {code}")
    print("the server stopped cleanly")


def run(binary, config, directory):
    port = port_or_free(3100)
    log = open(directory / "server.log", "wb")
    command = [binary, f"-config.file={config}", f"-server.http-listen-port={port}",
               f"-server.grpc-listen-port={port_or_free(0)}", f"-common.path-prefix={directory}"]
    with log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            wait_until_ready(server, base)
            print(f"the server is ready at {base}, its data in {directory}")
            total = push_lines(base, time.time_ns())
            asked_at = time.time_ns()
            print_log_query(base, asked_at)
            print_count_query(base, asked_at)
            check_total(base, asked_at, total)
            stop(server)
        finally:
            server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--config", required=True, help="its configuration file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="skald-demo-") as name:
        directory = pathlib.Path(name)
        try:
            run(arguments.server, arguments.config, directory)
        except (DemoError, OSError) as error:
            print(f"demo: {error}", file=sys.stderr)
            log = directory / "server.log"
            if log.exists():
                sys.stderr.write("the server's last log lines:\n")
                sys.stderr.writelines(log.read_text(errors="replace").splitlines(True)[-15:])
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
