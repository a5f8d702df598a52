"""Drives the server with the real Promtail and the real logcli.

Promtail tails three files while they grow and are rotated, and the server is killed meanwhile:
every line must arrive exactly once. Then logcli asks, and its answers are held against the files.
The binaries' paths come from SKALD_PROMTAIL and SKALD_LOGCLI (tools/real_clients.sh); without them
the test is skipped.
"""

import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, TestSkipped, check,
                     check_equal, report, run_test, wait_until)

LINES_DIRECTORY = pathlib.Path(__file__).resolve().parent.parent / "data" / "demo"
SELECTOR = '{job="promtail"}'

PROMTAIL_CONFIG = """\
server: {{disable: true}}
positions: {{filename: {directory}/positions.yaml}}
clients:
  - url: http://127.0.0.1:{port}/loki/api/v1/push
    batchwait: 100ms
    backoff_config: {{min_period: 100ms, max_period: 1s, max_retries: 100}}
scrape_configs:
  - job_name: files
    static_configs:
"""
PROMTAIL_TARGET = """\
      - targets: [localhost]
        labels: {{job: promtail, app: {app}, __path__: {path}}}
"""


def number_text(line, number):
    return f"{line} n={number}"


def number_json(line, number):
    return f'{{"n":{number},{line[1:]}'


class GrowingFile:
    """A log file that grows by numbered copies of real-looking lines, and can be rotated."""

    def __init__(self, path, source, app, number_line):
        self.path = path
        self.app = app
        self.lines = []
        self._source = (LINES_DIRECTORY / source).read_text(encoding="utf-8").splitlines()
        self._number_line = number_line
        self._rotations = 0
        self._file = open(path, "a", encoding="utf-8")

    def grow(self, count):
        """Appends lines; the last one is written in two halves, as by a slow program."""
        new = []
        for _ in range(count):
            number = len(self.lines) + len(new)
            new.append(self._number_line(self._source[number % len(self._source)], number))
        text = "".join(line + "\n" for line in new)
        for half in (text[:-20], text[-20:]):
            self._file.write(half)
            self._file.flush()
        self.lines += new

    def rotate(self):
        """Renames the file and starts a new one under its name."""
        self._rotations += 1
        self._file.close()
        self.path.rename(f"{self.path}.{self._rotations}")
        self._file = open(self.path, "a", encoding="utf-8")


class Growth(threading.Thread):
    """Lets files grow, and rotates them now and then, until told to stop."""

    def __init__(self, files):
        super().__init__(daemon=True)
        self._files = files
        self._done = threading.Event()

    def run(self):
        turn = 0
        while not self._done.wait(0.05):
            turn += 1
            for offset, file in enumerate(self._files):
                file.grow(1 + (turn + offset) % 25)
                # Apart in time, and with calm before: a tailer needs a moment at the old file.
                if (turn + 20 * offset) % 60 == 0:
                    time.sleep(0.5)
                    file.rotate()

    def stop(self):
        self._done.set()
        self.join()


class Promtail:
    """The running Promtail."""

    def __init__(self, binary, directory, port, files):
        config = PROMTAIL_CONFIG.format(directory=directory, port=port)
        config += "".join(PROMTAIL_TARGET.format(app=file.app, path=file.path) for file in files)
        path = directory / "promtail.yaml"
        path.write_text(config)
        with open(directory / "promtail.log", "wb") as log:
            self._process = subprocess.Popen([binary, f"-config.file={path}"], stdout=log,
                                             stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def stop(self):
        self._process.terminate()
        check_equal(self._process.wait(timeout=30), 0, "Promtail's exit code")


class Logcli:
    """Runs the real logcli against the server."""

    def __init__(self, binary, port):
        self._binary = binary
        self._port = port

    def run(self, *arguments):
        """Returns the lines that logcli prints."""
        command = [self._binary, "--quiet", f"--addr=http://127.0.0.1:{self._port}", *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              check=False)
        check(done.returncode == 0,
              f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode().splitlines()

    def start(self, *arguments):
        """Starts logcli and returns its process."""
        return subprocess.Popen([self._binary, "--quiet", f"--addr=http://127.0.0.1:{self._port}",
                                 *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def query(self, query):
        """Returns every line that matches, oldest first."""
        return self.run("query", "--since=1h", "--limit=0", "--forward", "--output=raw", query)


def same_lines(actual, expected, what):
    """Demands the same lines the same number of times, in any order."""
    actual, expected = collections.Counter(actual), collections.Counter(expected)
    missing, extra = list((expected - actual).elements()), list((actual - expected).elements())
    check(not missing, f"{what}: {len(missing)} of {expected.total()} missing, first {missing[:1]}")
    check(not extra, f"{what}: {len(extra)} too many, first {extra[:1]}")


def counted(port):
    with Client(port) as client:
        return client.count(SELECTOR, time.time_ns() + NANOSECONDS)


def check_arrived(port, files):
    """Waits until as many lines as were written are counted, then compares them one by one."""
    total = sum(len(file.lines) for file in files)
    deadline = time.monotonic() + 60
    while counted(port) < total and time.monotonic() < deadline:
        time.sleep(0.1)
    now = time.time_ns()
    with Client(port) as client:
        for file in files:
            query = f'{{app="{file.app}"}}'
            rows = client.rows(query, now - 3600 * NANOSECONDS, now + NANOSECONDS)
            same_lines([row.line for row in rows], file.lines, f"{file.app} lines in the server")
    check_equal(counted(port), total, "counted lines")
    return total


def check_queries(logcli, files):
    access, app, worker = files
    same_lines(logcli.query(SELECTOR), access.lines + app.lines + worker.lines, "logcli query")
    check_equal(logcli.query('{app="shop"}'), app.lines, "logcli query keeps a file's order")
    same_lines(logcli.query('{app="nginx"} |= "POST" !~ "curl"'),
               [line for line in access.lines if "POST" in line and "curl" not in line],
               "line filters")
    same_lines(logcli.query('{app="shop"} | json | level="error"'),
               [line for line in app.lines if json.loads(line)["level"] == "error"], "json stage")
    same_lines(logcli.query('{app="worker"} | logfmt | level="warn"'),
               [line for line in worker.lines if line.startswith("level=warn ")], "logfmt stage")


def check_metadata(logcli, files):
    check_equal(logcli.run("labels"), ["app", "filename", "job", "service_name"], "logcli labels")
    check_equal(logcli.run("labels", "app"), sorted(file.app for file in files),
                "logcli labels app")
    expected = [f'{{app="{file.app}", filename="{file.path}", job="promtail", '
                f'service_name="{file.app}"}}' for file in files]
    check_equal(sorted(logcli.run("series", SELECTOR)), sorted(expected), "logcli series")


def check_instant_query(logcli, files):
    query = f"sum by (app) (count_over_time({SELECTOR}[1h]))"
    answer = json.loads("\n".join(logcli.run("instant-query", query)))
    counts = {series["metric"]["app"]: int(series["value"][1]) for series in answer}
    check_equal(counts, {file.app: len(file.lines) for file in files}, "logcli instant-query")


def check_tail(logcli, port):
    """logcli prints what is pushed while it tails, and ends when it is told to."""
    lines = [f"tailed {number}" for number in range(20)]
    with logcli.start("query", "--tail", "--output=raw", '{app="tailed"}') as tail, \
            Client(port) as client:
        wait_until(lambda: open_tails(client) == 1, 30, "logcli tails")
        for line in lines:
            stream = ({"app": "tailed"}, [(time.time_ns(), line)])
            check_equal(client.push_json([stream]).status, 204, "push while logcli tails")
        printed = [tail.stdout.readline().decode().rstrip("\n") for _ in lines]
        check_equal(printed, lines, "what logcli prints")
        tail.send_signal(signal.SIGINT)
        tail.communicate(timeout=30)
        check_equal(tail.returncode, 0, "logcli's exit code after SIGINT")


def open_tails(client):
    metrics = client.request("GET", "/metrics").body.decode()
    return int(re.search(r"^loki_querier_tail_active (\d+)", metrics, re.MULTILINE)[1])


def check_logcli(logcli, files):
    check_queries(logcli, files)
    check_metadata(logcli, files)
    check_instant_query(logcli, files)


def ship_lines(server, promtail, directory, files):
    """Lets the files grow under Promtail's eyes, with a kill of the server in the middle."""
    growth = Growth(files)
    for file in files:
        file.grow(10)
    with Promtail(promtail, directory, server.port, files) as shipper:
        # Only what grows after Promtail has found the files may be rotated away under it.
        wait_until(lambda: counted(server.port) == 30, 30, "the first lines arrive")
        growth.start()
        wait_until(lambda: counted(server.port) > 1500, 30, "many lines arrive")
        server.kill()
        time.sleep(0.5)
        server.start()
        time.sleep(4)
        growth.stop()
        total = check_arrived(server.port, files)
        shipper.stop()
    return total


def real_client(variable):
    path = os.environ.get(variable)
    if not path:
        raise TestSkipped(f"{variable} is not set; tools/test.sh --real-clients sets it")
    check(os.access(path, os.X_OK), f"{variable}={path} is no program")
    return path


def run(binary):
    promtail, logcli_binary = real_client("SKALD_PROMTAIL"), real_client("SKALD_LOGCLI")
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        files = [GrowingFile(directory / "access.log", "access.log", "nginx", number_text),
                 GrowingFile(directory / "app.log", "app.json.log", "shop", number_json),
                 GrowingFile(directory / "worker.log", "worker.logfmt.log", "worker", number_text)]
        server.start()
        total = ship_lines(server, promtail, directory, files)
        report(f"Promtail shipped {total} lines over rotations and a kill, each arrived once")
        logcli = Logcli(logcli_binary, server.port)
        check_logcli(logcli, files)
        report("logcli's query, labels, series and instant-query agree with the files")
        server.kill()
        server.start()
        check_logcli(logcli, files)
        report("and again after another kill")
        check_tail(logcli, server.port)
        report("logcli tails")


if __name__ == "__main__":
    run_test(run, sys.argv[1])
