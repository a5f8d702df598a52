"""The benchmark's tools: a corpus of every encoding is taken whole, and its questions are answered."""

import json
import pathlib
import subprocess
import sys

from harness import Client, Server, TemporaryDirectory, check, check_equal, report, run_test

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "bench"))

import questions  # noqa: E402
import servers  # noqa: E402

# Questions that find nothing on purpose.
EMPTY = {"text that is nowhere"}


def run_tool(tool, *words):
    done = subprocess.run([tool, *words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def check_encoding(tool, binary, directory, encoding):
    directory.mkdir()
    corpus = directory / "corpus"
    summary = run_tool(tool, "generate", f"--services={ROOT / 'tools' / 'bench' / 'corpus'}",
                       f"--output={corpus}", "--megabytes=6", "--span=1800",
                       f"--encoding={encoding}", "--body-bytes=100000")
    with Server(binary, directory) as server:
        server.start()
        base = f"http://127.0.0.1:{server.port}"
        load = run_tool(tool, "load", f"--corpus={corpus}", "--connections=3",
                        f"--url={base}{servers.Loki.push_path}")
        check_equal(load["statuses"], {"204": summary["bodies"]}, f"{encoding}: replies")
        check_equal(load["lines"], summary["lines"], f"{encoding}: lines pushed")
        with Client(server.port) as client:
            counted = client.count('{namespace=~".+"}', summary["end"] + 1)
        check_equal(counted, summary["lines"], f"{encoding}: lines counted")
        if encoding == "protobuf":
            check_questions(base, summary)
        server.terminate()
    report(f"{encoding}: {summary['lines']} lines of {summary['streams']} streams")


def check_questions(base, summary):
    for question in questions.questions(summary["trace"]):
        answer = servers.Loki.ask(base, question, summary["start"], summary["end"] + 1)
        if question.name in EMPTY:
            check_equal(answer, 0, question.name)
        elif "trace id" not in question.name:  # the trace may be one of another service
            check(answer > 0, f"no answer to: {question.name}")


def test(binary, tool):
    with TemporaryDirectory() as directory:
        for encoding in ("protobuf", "json", "gzip"):
            check_encoding(tool, binary, directory / encoding, encoding)


if __name__ == "__main__":
    run_test(test, *sys.argv[1:])
