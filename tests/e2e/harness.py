"""What every end-to-end test needs: a server process, a client for its API, temporary directories.

Only the standard library is used. A test is a script that takes the server binary as its first
argument, prints what it checked, and exits 0 (passed), 1 (failed) or 77 (skipped).
"""

import collections
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

SKIPPED = 77
NANOSECONDS = 1_000_000_000
PAGE_LIMIT = 5000  # the server's own default limit of entries per query
# Set by tools/ci/sanitize.sh: the memory of such a server is mostly the sanitizer's.
SANITIZED = "SKALD_SANITIZED" in os.environ

Response = collections.namedtuple("Response", "status headers body")
Row = collections.namedtuple("Row", "timestamp line labels")

CONFIG = """\
auth_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: {port}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: {grpc_port}
common:
  instance_addr: 127.0.0.1
  path_prefix: {data}
  replication_factor: 1
  ring: {{kvstore: {{store: inmemory}}}}
  storage: {{filesystem: {{chunks_directory: {data}/chunks, rules_directory: {data}/rules}}}}
schema_config:
  configs:
    - {{from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13,
       index: {{prefix: index_, period: 24h}}}}
ingester: {{lifecycler: {{min_ready_duration: 0s}}}}
limits_config:
  ingestion_rate_mb: 1000
  ingestion_burst_size_mb: 1000
  per_stream_rate_limit: 1GB
  per_stream_rate_limit_burst: 1GB
  max_global_streams_per_user: {max_streams}
analytics: {{reporting_enabled: false}}
"""


class TestFailure(AssertionError):
    """The server did not do what it must; the text says what was seen."""


class TestSkipped(Exception):
    """The machine cannot run this test; the text says why."""


def check(condition, message):
    if not condition:
        raise TestFailure(message)


def check_equal(actual, expected, what):
    check(actual == expected, f"{what}: expected {expected!r}, got {actual!r}")


def report(message):
    print(message, flush=True)


def wait_until(condition, timeout, what):
    """Returns the first true value of condition(); fails after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        check(time.monotonic() < deadline, f"not within {timeout} seconds: {what}")
        time.sleep(0.02)


def free_port():
    """Returns a free port below those that the kernel gives to outgoing connections.

    While a server is down between two starts no client may come to own its port, or even be
    connected to itself.
    """
    while True:
        port = random.randrange(15000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class TemporaryDirectory:
    """A directory that is removed when the test passes and kept, and named, when it fails."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="skald-e2e-"))
        return self.path

    def __exit__(self, kind, _value, _traceback):
        if kind is None or kind is TestSkipped:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            report(f"the server's files and log are kept in {self.path}")


class Server:
    """One server process on a data directory; it can be stopped and started again."""

    def __init__(self, binary, directory, data=None, max_streams=5000, config=None, prefix="",
                 arguments=(), tls=None):
        """Keeps log and configuration in `directory`, and the data there too if not told where.

        With a `config` of its own, whose paths begin with `prefix`, flags say where it listens and
        keeps its data; `arguments` come last. `tls` is the ssl.SSLContext of its clients.
        """
        self.prefix = prefix
        self.binary = str(pathlib.Path(binary).resolve())
        self.data = pathlib.Path(data or pathlib.Path(directory) / "data")
        self.log_path = pathlib.Path(directory) / "server.log"
        self.config_path = pathlib.Path(directory) / "config.yaml"
        self.port = free_port()
        self.tls = tls
        self.process = None
        self.arguments = list(arguments)
        self.data.mkdir(exist_ok=True)
        if config is not None:
            self.config_path = pathlib.Path(config)
            self.arguments = ["-server.http-listen-address=127.0.0.1",
                              f"-server.http-listen-port={self.port}",
                              f"-skald.data-dir={self.data}", *self.arguments]
            return
        self.config_path.write_text(CONFIG.format(
            port=self.port, grpc_port=free_port(), data=self.data, max_streams=max_streams))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def spawn(self, wrapper=()):
        """Starts the process, through `wrapper` if given, without waiting for it."""
        check(self.process is None, "the server is already running")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*wrapper, self.binary, f"-config.file={self.config_path}", *self.arguments],
                stdout=log, stderr=log)

    def start(self, wrapper=(), timeout=60):
        """Starts the process and waits until it is ready; returns the seconds that took."""
        began = time.monotonic()
        self.spawn(wrapper)
        wait_until(self._is_ready, timeout, "the server is ready")
        return time.monotonic() - began

    def _is_ready(self):
        code = self.process.poll()
        check(code is None, f"the server ended with exit code {code}; log:\n{self.log_tail()}")
        try:
            with self.client(timeout=2) as client:
                return client.request("GET", self.prefix + "/ready").status == 200
        except OSError:
            return False

    def client(self, timeout=30):
        """Returns a new connection to the server."""
        return Client(self.port, timeout=timeout, tls=self.tls)

    def terminate(self, timeout=30):
        """Sends SIGTERM and returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def wait(self, timeout):
        """Returns the exit code of a process that is about to end."""
        process, self.process = self.process, None
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise TestFailure(f"the server did not end within {timeout} seconds") from error

    def kill(self):
        """Sends SIGKILL, if the process runs, and waits until it is gone."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()

    def log_text(self):
        return self.log_path.read_text(errors="replace")

    def log_tail(self, lines=15):
        return "\n".join(self.log_text().splitlines()[-lines:])


class Client:
    """One keep-alive connection to the server. Not for several threads at once."""

    def __init__(self, port, timeout=30, tls=None):
        """Speaks TLS by `tls`, an ssl.SSLContext, if there is one."""
        if tls is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        else:
            self._connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout,
                                                           context=tls)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._connection.close()

    def request(self, method, path, body=None, headers=None):
        """Sends one request. Connection trouble of any kind is an OSError."""
        try:
            self._connection.request(method, path, body=body, headers=headers or {})
            response = self._connection.getresponse()
            return Response(response.status, dict(response.getheaders()), response.read())
        except http.client.HTTPException as error:
            self.close()
            raise ConnectionError(repr(error)) from error
        except OSError:
            self.close()
            raise

    def push_json(self, streams, headers=None):
        """Pushes [(labels dict, [(timestamp, line)])] as JSON."""
        return self._push(encode_json_push(streams), "application/json", headers)

    def push_protobuf(self, streams, headers=None):
        """Pushes [(labels dict, [(timestamp, line)])] as snappy-compressed protobuf."""
        body = snappy_literal(encode_protobuf_push(streams))
        return self._push(body, "application/x-protobuf", headers)

    def _push(self, body, content_type, headers):
        return self.request("POST", "/loki/api/v1/push", body,
                            {"Content-Type": content_type, **(headers or {})})

    def get_json(self, endpoint, **parameters):
        """Returns the decoded answer of /loki/api/v1/<endpoint>, which must be a 200."""
        path = f"/loki/api/v1/{endpoint}?{urllib.parse.urlencode(parameters, doseq=True)}"
        response = self.request("GET", path)
        check(response.status == 200, f"GET {path} answered {response.status}: {response.body!r}")
        return json.loads(response.body)

    def count(self, selector, time_ns):
        """Returns how many lines of the hour before time_ns the server counts."""
        query = f"sum(count_over_time({selector}[1h]))"
        result = self.get_json("query", query=query, time=time_ns)["data"]["result"]
        return int(result[0]["value"][1]) if result else 0

    def rows(self, query, start, end):
        """Returns every row of a log query in [start, end), oldest first, page by page."""
        collected = []
        while True:
            page = self._page(query, start, end)
            if len(page) < PAGE_LIMIT:
                return collected + page
            # Rows at the last timestamp may go on in the next page: take them from there.
            last = page[-1].timestamp
            check(last > start, f"more than {PAGE_LIMIT} rows at timestamp {last}")
            collected += [row for row in page if row.timestamp < last]
            start = last

    def _page(self, query, start, end):
        answer = self.get_json("query_range", query=query, start=start, end=end,
                               limit=PAGE_LIMIT, direction="forward")
        rows = [Row(int(timestamp), line, stream["stream"])
                for stream in answer["data"]["result"] for timestamp, line in stream["values"]]
        return sorted(rows, key=lambda row: row.timestamp)


# --- Encoders -------------------------------------------------------------------------------------


def encode_json_push(streams):
    body = {"streams": [{"stream": labels, "values": [[str(ts), line] for ts, line in entries]}
                        for labels, entries in streams]}
    return json.dumps(body).encode()


def encode_protobuf_push(streams):
    """Encodes a logproto.PushRequest. Labels may be their text, too."""
    return b"".join(_field(1, _encode_stream(labels, entries)) for labels, entries in streams)


def _encode_stream(labels, entries):
    text = labels if isinstance(labels, str) else (
        "{" + ", ".join(f"{k}={json.dumps(v)}" for k, v in sorted(labels.items())) + "}")
    return _field(1, text.encode()) + b"".join(
        _field(2, _encode_entry(ts, line)) for ts, line in entries)


def _encode_entry(timestamp, line):
    seconds, nanos = divmod(timestamp, NANOSECONDS)
    encoded_time = b"\x08" + varint(seconds) + b"\x10" + varint(nanos)
    return _field(1, encoded_time) + _field(2, line.encode())


def _field(number, payload):
    """Encodes one length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value):
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def snappy_literal(data):
    """Encodes `data` as a snappy block that consists of literals only, so it stays readable."""
    encoded = bytearray(varint(len(data)))
    for begin in range(0, len(data), 65536):
        piece = data[begin:begin + 65536]
        encoded += bytes([61 << 2]) + (len(piece) - 1).to_bytes(2, "little") + piece
    return bytes(encoded)


# --- Running --------------------------------------------------------------------------------------


def run_test(test, *arguments):
    """Runs test(*arguments) and ends the process with the exit code that ctest understands."""
    try:
        test(*arguments)
    except TestSkipped as reason:
        report(f"SKIPPED: {reason}")
        sys.exit(SKIPPED)
    except TestFailure as failure:
        traceback.print_exc()
        report(f"FAILED: {failure}")
        sys.exit(1)
    report("PASSED")
    sys.exit(0)
