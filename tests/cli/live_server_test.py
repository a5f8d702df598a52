#!/usr/bin/env python3
"""What skaldcli offers beyond logcli, against a running server: retention plans, completion, charts,
explanations, compaction.

    live_server_test.py SKALD SKALDCLI
"""

import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
# pylint: disable=wrong-import-position
from harness import (NANOSECONDS, Client, Server, TemporaryDirectory, check, check_equal, report,
                     run_test)

DAY = 86400
LINE = "x" * 99 + "\n"

PLAN = """\
limits_config:
  retention_period: 4d
  retention_stream:
    - {selector: '{env="dev"}', priority: 1, period: 24h}
    - {selector: '{app="audit"}', priority: 2, period: 0s}
"""

# Has bash complete `$1`, whose current word bash takes for `$2`.
BASH = """\
source <("$TOOL" completion bash)
skaldcli() { "$TOOL" "$@"; }
compopt() { :; }
COMP_LINE=$1 COMP_POINT=${#1}
_skaldcli skaldcli "$2"
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Tool:
    """skaldcli, pointed at a server."""

    def __init__(self, path, port):
        self.path = path
        self.environment = {"PATH": "/usr/bin:/bin", "TZ": "UTC",
                            "LOKI_ADDR": f"http://127.0.0.1:{port}"}

    def run(self, *words):
        result = subprocess.run([self.path, "-q", *words], capture_output=True, text=True,
                                env=self.environment, check=False)
        check_equal(result.returncode, 0, f"{words}: {result.stderr}")
        return result

    def complete(self, line, current):
        result = subprocess.run(["bash", "-c", BASH, "bash", line, current], capture_output=True,
                                text=True, env={**self.environment, "TOOL": self.path}, check=False)
        check_equal(result.returncode, 0, f"{line}: {result.stderr}")
        return result.stdout.split("\n")[:-1]


def push_days(client, now):
    """A hundred lines of a hundred bytes each day for five days and three streams."""
    for labels in ({"app": "web", "env": "prod"}, {"app": "web", "env": "dev"},
                   {"app": "audit", "env": "dev"}):
        rows = [((now - day * DAY - index - 3600) * NANOSECONDS, LINE)
                for day in range(5) for index in range(100)]
        check_equal(client.push_json([(labels, sorted(rows))]).status, 204, "push")


def cells_of(text):
    """{first cell: other cells} of the table."""
    rows = [re.split(r"  +", line.strip()) for line in text.splitlines() if line.startswith("  ")]
    return {row[0]: row[1:] for row in rows[1:]}


def test_retention(tool, folder):
    table = cells_of(tool.run("retention").stdout)
    check_equal(list(table), ["all other streams"], "rows without rules")
    check_equal(table["all other streams"][:2], ["7d", "150 kB"], "what is kept")
    check_equal(table["all other streams"][-1], "nothing", "what is deleted")

    plan = folder / "plan.yaml"
    plan.write_text(PLAN)
    table = cells_of(tool.run("retention", f"--plan={plan}").stdout)
    kept = {rule: cells[0] for rule, cells in table.items()}
    check_equal(kept, {'{app="audit"}': "7d -> for ever", '{env="dev"}': "7d -> 1d",
                       "all other streams": "7d -> 4d"}, "periods")
    deleted = {rule: cells[-1] for rule, cells in table.items()}
    check_equal(deleted, {'{app="audit"}': "nothing", '{env="dev"}': "40 kB of lines",
                          "all other streams": "10 kB of lines"}, "what would be deleted")
    check(table['{app="audit"}'][-2].endswith("a day"), f"it grows: {table}")
    report("retention plans")


def test_completion(tool):
    check_equal(tool.complete("skaldcli inst", "inst"), ["instant-query"], "commands")
    check_equal(tool.complete("skaldcli query '{a", "{a"), ['{app="', '{app=" '], "names")
    check_equal(tool.complete("skaldcli query '{app=\"w", "w"), ['web"', 'web" '], "values")
    check_equal(tool.complete("skaldcli query '{app=\"audit\", env=\"", ""), ['dev"', 'dev" '],
                "values that go with the matchers before")
    check_equal(tool.complete("skaldcli labels en", "en"), ["env"], "labels")
    report("completion")


def test_chart_and_explanation(tool):
    result = tool.run("query", 'sum by (env) (count_over_time({app=~".+"}[1d]))', "--since=1d",
                      "--step=1d", "--chart", "--explain")
    check("█" in result.stdout and '{env="dev"}' in result.stdout, f"a chart: {result.stdout}")
    check(re.search(r"^  blocks +\d+ opened of \d+ selected", result.stderr, re.MULTILINE),
          f"an explanation: {result.stderr}")
    check("\x1b" not in result.stdout, "no colours outside of a terminal")
    report("charts and explanations")


def test_compaction(tool):
    text = tool.run("compact", "--full").stdout
    check(re.match(r"\d+ parts; \d+ merges made ", text), f"what the merges did: {text!r}")
    check_equal(tool.run("compact").stdout, text, "the state afterwards")
    report("compaction")


def test(server_binary, path):
    now = int(time.time())
    with TemporaryDirectory() as folder:
        with Server(server_binary, folder) as server:
            server.start()
            with Client(server.port) as client:
                push_days(client, now)
                check_equal(client.request("POST", "/flush").status, 204, "flush")
            tool = Tool(path, server.port)
            test_retention(tool, folder)
            test_completion(tool)
            test_chart_and_explanation(tool)
            test_compaction(tool)


if __name__ == "__main__":
    run_test(test, *sys.argv[1:])
