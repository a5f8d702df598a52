"""The servers that the benchmark measures: how each is started, pushed to and asked."""

import json
import os
import pathlib
import shlex
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from questions import STEP

NANOSECONDS = 1_000_000_000


def fetch(url, timeout=600):
    """Returns the body of a GET."""
    with urllib.request.urlopen(url, timeout=timeout) as reply:
        return reply.read()


class Loki:
    """Loki's API: Skald's too."""

    push_path = "/loki/api/v1/push"
    ready_path = "/ready"
    flush_path = "/flush"

    @staticmethod
    def ask(base, question, start, end):
        """Asks a question; returns how many lines, or the sum of all samples."""
        values = {"query": question.logql, "start": start, "end": end}
        if question.kind == "log":
            values["limit"] = question.limit
        else:
            values["step"] = STEP
        reply = json.loads(fetch(f"{base}/loki/api/v1/query_range?{urllib.parse.urlencode(values)}"))
        result = reply["data"]["result"]
        if question.kind == "log":
            return sum(len(stream["values"]) for stream in result)
        return sum_of_samples(result)


class VictoriaLogs:
    """VictoriaLogs' own API, and its endpoint for Loki's pushes."""

    push_path = "/insert/loki/api/v1/push?disable_message_parsing=1"
    ready_path = "/health"
    flush_path = "/internal/force_flush"

    @staticmethod
    def ask(base, question, start, end):
        """As Loki.ask; None where the question has no LogsQL."""
        if question.logsql is None:
            return None
        values = {"query": question.logsql, "start": start, "end": end}
        if question.kind == "log":
            values["limit"] = question.limit
            body = fetch(f"{base}/select/logsql/query?{urllib.parse.urlencode(values)}")
            return body.count(b"\n")
        values["step"] = f"{STEP}s"
        url = f"{base}/select/logsql/stats_query_range?{urllib.parse.urlencode(values)}"
        return sum_of_samples(json.loads(fetch(url))["data"]["result"])


KINDS = {"loki": Loki, "vl": VictoriaLogs}


def sum_of_samples(matrix):
    """Adds up all samples of a matrix; NaN, and VictoriaLogs' "" for no value, count 0."""
    values = [float(value or 0) for series in matrix for _, value in series["values"]]
    return round(sum(value for value in values if value == value), 3)


class Server:
    """A server by name: one that runs at an address, or one that is started for every run."""

    def __init__(self, text, start):
        """Takes `name=kind:URL`, or with `start` `name=kind:PORT:COMMAND`."""
        self.name, rest = text.split("=", 1)
        kind, rest = rest.split(":", 1)
        self.kind = KINDS[kind]
        self.command = None
        self.process = None
        self.directory = None
        self.base = rest.rstrip("/")
        if start:
            port, self.command = rest.split(":", 1)
            self.base = f"http://127.0.0.1:{port}"

    @property
    def push_url(self):
        return self.base + self.kind.push_path

    def start(self):
        """Starts the server on an empty directory, if it is one that is started."""
        if self.command is None:
            return
        self.directory = tempfile.TemporaryDirectory(prefix=f"bench-{self.name}-")
        command = self.command.replace("{dir}", self.directory.name)
        with open(os.path.join(self.directory.name, "server.log"), "wb") as log:
            self.process = subprocess.Popen(shlex.split(command), stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                log = pathlib.Path(self.directory.name, "server.log").read_text(errors="replace")
                raise SystemExit(f"{self.name} did not start:\n{log[-2000:]}")
            time.sleep(0.1)

    def flush(self):
        """Has a server that was started here write what it holds in memory."""
        if self.process is not None:
            request = urllib.request.Request(self.base + self.kind.flush_path, method="POST")
            urllib.request.urlopen(request, timeout=120).close()

    def is_ready(self):
        try:
            fetch(self.base + self.kind.ready_path, timeout=5)
            return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(timeout=120)
        self.process = None
        self.directory.cleanup()

    def cpu_seconds(self):
        """CPU time that the process has used so far; None for one that was not started here."""
        if self.process is None:
            return None
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_megabytes(self):
        if self.process is None:
            return None
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1000

    def disk_megabytes(self):
        """Bytes that the files of the server's directory occupy."""
        if self.directory is None:
            return None
        files = (path for path in pathlib.Path(self.directory.name).rglob("*") if path.is_file())
        return sum(path.stat().st_blocks * 512 for path in files) / 1e6

    def ask(self, question, start, end):
        return self.kind.ask(self.base, question, start, end)
