#!/usr/bin/env python3
"""Replays recorded runs: skaldcli must ask the same and print the same.

    golden_test.py SKALDCLI CASES.json                       replay
    golden_test.py --record LOGCLI SERVER CASES.json         record (arguments are kept, or see below)

Each case holds arguments, standard input, the exchanges with the server in order, standard output
and the exit code. A local HTTP server plays the recorded answers; a request for anything else gets
status 599. To add a case, write its `args` (and `stdin`) into the file and record.
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request


class Exchange(http.server.BaseHTTPRequestHandler):
    """Answers from a case's recording, or asks the real server and records."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.server.asked.append([self.command, self.path])
        status, body = self.server.play(self.command, self.path)
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = answer  # pylint: disable=invalid-name

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


def serve(play):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
    server.play = play
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def run(tool, case, server):
    environment = {"PATH": os.environ.get("PATH", ""), "TZ": case.get("tz", "UTC"),
                   "LOKI_ADDR": f"http://127.0.0.1:{server.server_port}"}
    with tempfile.TemporaryDirectory() as folder:  # for part files
        result = subprocess.run([tool, *case["args"]], input=case.get("stdin", ""), text=True,
                                capture_output=True, env=environment, cwd=folder, timeout=60,
                                check=False)
    server.shutdown()
    server.server_close()
    return result


def replay(tool, case):
    """Returns what differs, as text; empty when nothing does."""
    left = list(case["exchanges"])

    def play(method, path):
        for index, exchange in enumerate(left):
            if [exchange["method"], exchange["path"]] == [method, path]:
                left.pop(index)
                return exchange["status"], exchange["body"]
        return 599, "not recorded"

    server = serve(play)
    result = run(tool, case, server)
    problems = []
    asked = sorted(map(tuple, server.asked))
    expected = sorted((e["method"], e["path"]) for e in case["exchanges"])
    if asked != expected:
        problems.append(f"asked {asked}\n    want {expected}")
    if result.stdout != case["stdout"]:
        problems.append(f"stdout {result.stdout!r}\n    want {case['stdout']!r}")
    if result.returncode != case["exit"]:
        problems.append(f"exit {result.returncode}, want {case['exit']}; {result.stderr!r}")
    return "\n  ".join(problems)


def record(tool, case, target):
    case["exchanges"] = []

    def play(method, path):
        request = urllib.request.Request(target + path, method=method)
        try:
            with urllib.request.urlopen(request) as reply:
                status, body = reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read().decode()
        case["exchanges"].append({"method": method, "path": path, "status": status, "body": body})
        return status, body

    result = run(tool, case, serve(play))
    case["stdout"], case["exit"] = result.stdout, result.returncode


def main():
    words = sys.argv[1:]
    recording = words[:1] == ["--record"]
    tool, path = (words[1], words[3]) if recording else (words[0], words[1])
    tool = os.path.abspath(tool)
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    failures = 0
    for case in cases:
        if recording:
            record(tool, case, words[2])
            continue
        if problem := replay(tool, case):
            failures += 1
            print(f"{case['args']}:\n  {problem}")
    if recording:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(cases, file, indent=1, ensure_ascii=False)
            file.write("\n")
    else:
        print(f"{len(cases) - failures} of {len(cases)} cases pass")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
