#!/usr/bin/env python3
"""Compares skaldcli with logcli: the same arguments against the same server.

    tests/cli/differential.py SKALDCLI LOGCLI http://127.0.0.1:3100 [--from T --to T] [--show N]

Standard output and exit code must be equal; of standard error only the number of lines is compared,
and only with --chatter. The server should hold a few streams in the given range.
"""

import argparse
import os
import subprocess
import sys

# {Q} stands for the selector given with --selector.
RANGED = [
    ["query", "{Q}"],
    ["query", "{Q}", "--limit=7", "--forward"],
    ["query", "{Q}", "--limit", "250", "--batch", "20"],
    ["query", "{Q}", "--limit=0", "--batch=100", "-oraw"],
    ["query", "{Q}", "--limit=0", "--batch=100", "--forward", "-q", "-o", "jsonl"],
    ["query", "{Q}", "--no-labels"],
    ["query", "{Q}", "--include-common-labels", "-zUTC"],
    ["query", "{Q}", "--exclude-label=app", "--exclude-label=instance"],
    ["query", "{Q}", "--include-label=instance", "--include-label=app"],
    ["query", "{Q}", "--include-label=nosuch", "-ojsonl"],
    ["query", "{Q}", "--labels-length=70", "--colored-output"],
    ["query", "{Q} | json", "--limit=50"],
    ["query", "{Q} | logfmt", "--limit=50", "-ojsonl"],
    ["query", "{Q} |= `no such line`"],
    ["query", "{Q}", "--interval=1m", "--limit=20"],
    ["query", "{Q}", "--parallel-max-workers=3", "--parallel-duration=17m",
     "--part-path-prefix=part", "--merge-parts"],
    ["query", "{Q}", "--parallel-max-workers=3", "--parallel-duration=17m", "--forward",
     "--part-path-prefix=part", "--merge-parts", "-oraw"],
    ["query", "sum by (app) (count_over_time({Q}[5m]))", "--step=5m"],
    ["query", "rate({Q}[1m])"],
    ["query", "{app="],
    ["query", "{Q}", "--limit=-3"],
    ["labels"],
    ["labels", "app"],
    ["labels", "nosuch"],
    ["stats", "{Q}"],
    ["volume", "{Q}"],
    ["volume", "{Q}", "--aggregateByLabels"],
    ["volume_range", "{Q}", "--step=30m"],
    ["detected-fields", "{Q}"],
    ["detected-fields", "{Q}", "method"],
]
RANGED += [["query", "{Q}", "--limit=3", f"--output-timestamp-format={form}"]
           for form in ("rfc3339", "rfc3339nano", "rfc822z", "rfc1123z", "stampmicro",
                        "stampmilli", "stampnano", "unixdate")]

PLAIN = [
    [], ["--version", "--bogus"], ["nosuch"], ["delete"], ["delete", "nosuch"], ["delete", "cancel"],
    ["query"], ["query", "a", "b"], ["query", "a", "--since=zz"], ["query", "a", "-ofoo"],
    ["query", "a", "--from=bogus"], ["query", "a", "--header=x"], ["query", "a", "--no-quiet=3"],
    ["query", "a", "--limit"], ["query", "a", "--username=a", "--bearer-token=b"],
    ["instant-query", "1+2", "--now=2026-01-05T00:00:00Z"],
    ["instant-query", "vector(3)", "--now=2026-01-05T00:00:00Z"],
    ["instant-query", "vector(3)", "--now=2026-01-05T00:00:00.5+02:00"],
    ["delete", "list"], ["delete", "list", "-ojsonl"], ["delete", "list", "-q"],
    ["delete", "cancel", "--request-id=nosuch", "--force"],
]

STDIN = [
    (["fmt"], '{a="b"}|="c"|json|x>5'),
    (["fmt"], 'sum by(a,b)(rate({app="foo",namespace="prod-us-east-0"}|="error"|json[5m]))/2'),
    (["fmt"], "{a="),
    (["fmt"], ""),
    (["--stdin", "query", '{x="y"} |= "b"'], "abc\nxyz\nbbb\n"),
    (["--stdin", "query", '|~ "b+"', "-oraw"], "abc\nxyz\nbbb\n"),
    (["--stdin", "query", '{x="y"} | json', "-oraw"], '{"a":1}\n{"a":2}\nbad\n'),
]


def run(tool, words, server, stdin):
    environment = dict(os.environ, LOKI_ADDR=server)
    result = subprocess.run([tool, *words], input=stdin, capture_output=True, text=True,
                            env=environment, timeout=120, check=False)
    return result.returncode, result.stdout, result.stderr


def without_times(stdin_query, text):
    """Entries read from standard input bear the time of the run."""
    return "\n".join(line.partition(" ")[2] for line in text.split("\n")) if stdin_query else text


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("skaldcli")
    parser.add_argument("logcli")
    parser.add_argument("server")
    parser.add_argument("--selector", default='{app="nginx"}')
    parser.add_argument("--from", dest="start", default="2026-01-05T00:00:00Z")
    parser.add_argument("--to", dest="end", default="2026-01-05T01:00:00Z")
    parser.add_argument("--chatter", action="store_true", help="compare lines of standard error")
    parser.add_argument("--show", type=int, default=400, help="characters of a difference to show")
    options = parser.parse_args()

    span = [f"--from={options.start}", f"--to={options.end}"]
    cases = [([w.replace("{Q}", options.selector) for w in words] + span, "") for words in RANGED]
    cases += [(words, "") for words in PLAIN] + STDIN
    failures = 0
    for words, stdin in cases:
        shows_time = "--stdin" in words and "-oraw" not in words
        got = run(options.skaldcli, words, options.server, stdin)
        want = run(options.logcli, words, options.server, stdin)
        same = got[0] == want[0] and (without_times(shows_time, got[1]) ==
                                      without_times(shows_time, want[1]))
        if same and options.chatter:
            same = got[2].count("\n") == want[2].count("\n")
        if same:
            continue
        failures += 1
        print("DIFFERS:", words)
        for name, (code, out, err) in (("skaldcli", got), ("logcli", want)):
            print(f"  {name}: exit {code}\n    out {out[:options.show]!r}"
                  f"\n    err {err[:options.show]!r}")
    print(f"{len(cases) - failures} of {len(cases)} the same")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
