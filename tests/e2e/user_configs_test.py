#!/usr/bin/env python3
"""Starts the server with each kind of configuration that users have, and with ones it must refuse.

For each that starts: what the log says it honours, what it warns of, what it calls an error, and
that it takes and finds a line. For each that must not: exit code and reason.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "tests" / "server" / "testdata"
FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
IGNORED = "settings without effect here"
EVERYTHING = "every target runs everything"
RETENTION = "although compactor.retention_enabled is not true"
RULER = "the ruler's work is not done"
RULES = """\
groups:
  - name: web
    rules:
      - {alert: ManyErrors, expr: 'rate({app="web"} |= "error" [5m]) > 1'}
      - {record: web:lines, expr: 'rate({app="web"}[1m])'}
"""

# file: (arguments, fields of the line "keeping", warnings, errors, path prefix, tenant)
USER_CONFIGS = {
    "image.yaml": ([], {"period": "1w", "stream_rules": "0"}, [IGNORED, RETENTION], [RULER], "", None),
    "laptop.yaml": ([], {"period": "1w"}, [IGNORED, RETENTION], [RULER], "", None),
    "memcached.yaml": ([], {"period": "1w"}, [IGNORED, RETENTION], [], "", None),
    "old.yaml": ([], {"period": "1w"}, [IGNORED, RETENTION], [], "", None),
    "production.yaml": (["-ruler.storage.local.directory={rules}"], {"period": "1w"},
                        [IGNORED, RETENTION], [RULER], "", "team-a"),
    "targets.yaml": (["-config.expand-env=true"], {"period": "1w"},
                     [IGNORED, EVERYTHING, RETENTION], [RULER], "", "team-a"),
    "tenants.yaml": ([f"-runtime-config.file={CONFIGS}/overrides.yaml"],
                     {"period": "30d", "stream_rules": "1", "tenants_with_own_limits": "3"},
                     [IGNORED], [], "/logs", "team-b"),
}

# text of the file, arguments, exit code, what standard error says
REFUSED = [
    ("server:\n  foo: 1\n", [], 1,
     "failed parsing config: {file}: yaml: unmarshal errors:\n"
     "  line 2: field foo not found in type server"),
    ("limits_config: {deletion_mode: zz}\n", [], 1,
     "CONFIG ERROR: invalid limits_config config: unknown deletion mode"),
    ("limits_config: {retention_stream: [{selector: '{a=\"b\"}', period: 1h}]}\n", [], 1,
     "CONFIG ERROR: invalid limits_config config: retention period must be >= 24h was 1h"),
    ("server: {proxy_protocol_enabled: true}\n", [], 1,
     "line 1: server.proxy_protocol_enabled: not supported"),
    ("target: nonsense\n", [], 1, "unrecognised target: nonsense"),
    ("runtime_config: {file: /does/not/exist.yaml}\n", [], 1, "/does/not/exist.yaml"),
    ("", ["-no.such.flag"], 2, "flag provided but not defined: -no.such.flag"),
    ("", ["-server.http-listen-port=x"], 2, "invalid value \"x\" for flag"),
]


def parse_line(line):
    """Returns the fields of a line of the log, which is logfmt or JSON."""
    if line.startswith("{"):
        return json.loads(line)
    return {key: json.loads(value) if value.startswith('"') else value
            for key, value in FIELD.findall(line)}


def log_lines(server):
    return [parse_line(line) for line in server.log_text().splitlines()
            if line.startswith(("ts=", "{"))]


def messages(lines, level):
    """The messages of a level, but for what depends on what lies on this machine."""
    return [line["msg"] for line in lines
            if line["level"] == level and not line["msg"].startswith("Loki's own data")]


def check_same(actual, expected, what):
    """Every expected text begins or is part of exactly one message, and no message is left."""
    left = list(actual)
    for text in expected:
        found = [message for message in left if text in message]
        harness.check(len(found) == 1, f"{what}: {text!r} in {actual}")
        left.remove(found[0])
    harness.check(not left, f"{what}: unexpected {left}")


def check_push_and_query(server, prefix, tenant):
    headers = {"X-Scope-OrgID": tenant} if tenant else {}
    now = time.time_ns()
    body = harness.encode_json_push([({"app": "a"}, [(now, "hello")])])
    with harness.Client(server.port) as client:
        pushed = client.request("POST", f"{prefix}/loki/api/v1/push", body,
                                {"Content-Type": "application/json", **headers})
        harness.check_equal(pushed.status, 204, "status of a push")
        found = client.request("GET", f"{prefix}/loki/api/v1/query_range?query=%7Bapp%3D%22a%22%7D",
                               headers=headers)
        harness.check(b"hello" in found.body, f"the line is found: {found.body}")


def check_user_config(binary, name, case):
    arguments, keeping, warnings, errors, prefix, tenant = case
    with harness.TemporaryDirectory() as directory:
        rules = directory / "rules"
        (rules / "team-a").mkdir(parents=True)
        (rules / "team-a" / "web.yaml").write_text(RULES)
        server = harness.Server(binary, directory, config=CONFIGS / name, prefix=prefix,
                                arguments=[a.format(rules=rules) for a in arguments])
        with server:
            server.start()
            check_push_and_query(server, prefix, tenant)
            harness.check_equal(server.terminate(), 0, "exit code")
            lines = log_lines(server)
        check_same(messages(lines, "warn"), warnings, "warnings")
        check_same(messages(lines, "error"), errors, "errors")
        kept = next(line for line in lines if line["msg"] == "keeping")
        for key, value in keeping.items():
            harness.check_equal(kept[key], value, f"keeping {key}")
        if any("{rules}" in a for a in arguments):
            error = next(line for line in lines if line["level"] == "error")
            harness.check_equal(error["will_not_run"], "team-a/web.yaml/web: ManyErrors, web:lines",
                                "rules that will not run")
    harness.report(f"{name} starts, and says what it means")


def run(binary, *arguments):
    return subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=60,
                          check=False)


def check_refused(binary, text, arguments, code, reason):
    with harness.TemporaryDirectory() as directory:
        path = directory / "config.yaml"
        path.write_text(text)
        done = run(binary, f"-config.file={path}", f"-skald.data-dir={directory}/data",
                   "-server.http-listen-address=127.0.0.1", "-server.http-listen-port=0",
                   *arguments)
        harness.check_equal(done.returncode, code, f"exit code for {text!r}: {done.stderr}")
        expected = reason.format(file=path)
        log = done.stderr.replace('\\"', '"')
        harness.check(expected in log, f"{expected!r} in {log!r}")
    harness.report(f"refused: {reason.splitlines()[-1].strip()}")


def check_controls(binary):
    """Flags that print something and end the program."""
    with harness.TemporaryDirectory() as directory:
        path = directory / "config.yaml"
        path.write_text("auth_enabled: false\nserver: {http_listen_port: 3999}\n")
        file = f"-config.file={path}"
        checks = [
            (["-version"], 0, "compatible with Loki version 3."),
            (["-list-targets"], 0, "query-frontend\n"),
            (["-help"], 0, "-server.http-listen-port"),
            ([file, "-verify-config"], 0, "config is valid"),
            ([file, "-verify-config", "-print-config-stderr"], 0, "http_listen_port: 3999\n"),
            ([file, "-verify-config", "-log-config-reverse-order"], 0,
             'msg="  http_listen_port: 3999"'),
            ([f"-config.file={directory}/absent.yaml"], 1, "set config.file for custom config path"),
            (["-health", f"-health.url=http://127.0.0.1:{harness.free_port()}/ready"], 1, "refused"),
        ]
        for arguments, code, text in checks:
            done = run(binary, *arguments)
            harness.check_equal(done.returncode, code, f"exit code of {arguments}: {done.stderr}")
            output = done.stdout + done.stderr
            harness.check(text in output, f"{arguments}: {text!r} in {output!r}")
        log = run(binary, file, "-verify-config", "-log-config-reverse-order").stderr
        harness.check(log.index("http_listen_port") < log.index("auth_enabled"), "reverse order")


def check_our_own(binary):
    """The configurations that the project ships."""
    files = sorted((ROOT / "configs").glob("*.yaml"))
    harness.check(len(files) >= 2, "configurations")
    for file in files:
        done = run(binary, f"-config.file={file}", "-verify-config")
        harness.check_equal(done.returncode, 0, f"exit code for {file}: {done.stderr}")


def check_health(binary):
    with harness.TemporaryDirectory() as directory:
        with harness.Server(binary, directory) as server:
            server.start()
            done = run(binary, "-health", f"-health.url=http://127.0.0.1:{server.port}/ready")
            harness.check_equal((done.returncode, done.stdout), (0, "Loki is healthy\n"), "health")


def user_configs_test(binary):
    os.environ["MINIO_USER"] = "loki"
    for name, case in USER_CONFIGS.items():
        check_user_config(binary, name, case)
    for case in REFUSED:
        check_refused(binary, *case)
    check_our_own(binary)
    check_controls(binary)
    check_health(binary)


if __name__ == "__main__":
    harness.run_test(user_configs_test, str(pathlib.Path(sys.argv[1]).resolve()))
