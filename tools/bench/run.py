#!/usr/bin/env python3
"""Benchmark of ingestion and queries: the same work for Skald, Loki and VictoriaLogs.

Makes a corpus of log lines (once; kept beside its summary), starts each server on an empty
directory, pushes the corpus, lets the server settle, asks questions, and prints a table of the
medians of some runs. A server that runs elsewhere can be asked too (--server); it is then not
measured from inside.

  tools/bench/run.py --tools build/release/bin/skald-bench \\
      --start 'skald=loki:3100:build/release/bin/skald -config.file=tools/bench/skald.yaml
               -common.path-prefix={dir}'
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

from questions import questions
from servers import Server

HERE = pathlib.Path(__file__).resolve().parent


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", required=True, help="the skald-bench binary")
    parser.add_argument("--corpus", default="corpus.bench", help="made if it is not there")
    parser.add_argument("--megabytes", type=int, default=1000, help="of lines in the corpus")
    parser.add_argument("--span", type=int, default=6 * 3600, help="seconds that the lines cover")
    parser.add_argument("--encoding", default="protobuf", choices=["protobuf", "json", "gzip"])
    parser.add_argument("--start", action="append", default=[], metavar="NAME=KIND:PORT:COMMAND",
                        help="a server to start; KIND is loki or vl, {dir} its directory")
    parser.add_argument("--server", action="append", default=[], metavar="NAME=KIND:URL",
                        help="a server that runs already")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=5, help="times each question is asked a run")
    parser.add_argument("--settle", type=int, default=20, help="seconds between push and questions")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--inspect", metavar="SKALD_INSPECT",
                        help="show what a started Skald's disk is made of, by this binary")
    parser.add_argument("--no-push", action="store_true", help="the data are there already")
    return parser.parse_args()


def make_corpus(arguments):
    """Generates the corpus unless it is there; returns its summary."""
    summary = pathlib.Path(arguments.corpus + ".json")
    if not summary.exists():
        made = subprocess.run(
            [arguments.tools, "generate", f"--services={HERE / 'corpus'}",
             f"--output={arguments.corpus}", f"--megabytes={arguments.megabytes}",
             f"--span={arguments.span}", f"--encoding={arguments.encoding}"],
            check=True, capture_output=True, text=True)
        summary.write_text(made.stdout)
    return json.loads(summary.read_text())


def push(arguments, server, summary):
    """Pushes the corpus and lets the server settle; returns what that cost."""
    loaded = subprocess.run(
        [arguments.tools, "load", f"--corpus={arguments.corpus}", f"--url={server.push_url}",
         f"--connections={arguments.connections}"], check=True, capture_output=True, text=True)
    load = json.loads(loaded.stdout)
    refused = sum(n for status, n in load["statuses"].items() if not status.startswith("2"))
    gigabytes = summary["line_bytes"] / 1e9
    measured = {"push: MB/s": load["line_bytes"] / 1e6 / load["seconds"],
                "push: p50 ms": load["p50_ms"], "push: p99 ms": load["p99_ms"],
                "push: refused or put off": refused}
    cpu = server.cpu_seconds()
    server.flush()
    time.sleep(arguments.settle)
    if cpu is not None:
        measured["CPU-s per GB until the last reply"] = cpu / gigabytes
        measured["CPU-s per GB when settled"] = server.cpu_seconds() / gigabytes
        measured["peak memory MB"] = server.peak_megabytes()
        measured["disk MB when settled"] = server.disk_megabytes()
    return measured


def ask_all(arguments, server, summary):
    """Asks every question several times; returns milliseconds and answers by question."""
    times = {}
    answers = {}
    for question in questions(summary["trace"]):
        taken = []
        for _ in range(arguments.repeat):
            begin = time.monotonic()
            answer = server.ask(question, summary["start"], summary["end"] + 1)
            taken.append(1000 * (time.monotonic() - begin))
        if answer is not None:
            times[question.name] = statistics.median(taken)
            answers[question.name] = answer
    return times, answers


def show_disk(arguments, server):
    """Prints what the disk of a Skald that was started here is made of, if that was asked for."""
    if arguments.inspect is None or server.directory is None:
        return
    data = pathlib.Path(server.directory.name, "skald")
    if data.is_dir():
        subprocess.run([arguments.inspect, data], check=False)


def run_once(arguments, server, summary):
    server.start()
    try:
        measured = {} if arguments.no_push else push(arguments, server, summary)
        times, answers = ask_all(arguments, server, summary)
        show_disk(arguments, server)
        return measured, times, answers
    finally:
        server.stop()


def median_of(runs, name):
    values = [run[name] for run in runs if name in run]
    return statistics.median(values) if values else None


def number(value):
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def print_table(title, servers, rows):
    """Prints a Markdown table; rows are (name, a text per server)."""
    print(f"| {title} | " + " | ".join(server.name for server in servers) + " |")
    print("|---|" + "---|" * len(servers))
    for name, cells in rows:
        print(f"| {name} | " + " | ".join(cells) + " |")
    print()


def main():
    arguments = parse_arguments()
    servers = [Server(text, start=True) for text in arguments.start]
    servers += [Server(text, start=False) for text in arguments.server]
    if not servers:
        sys.exit("no server: --start or --server")
    summary = make_corpus(arguments)
    print(f"{summary['lines']:,} lines, {summary['line_bytes'] / 1e6:,.0f} MB, "
          f"{summary['streams']} streams, {summary['bodies']} pushes over "
          f"{arguments.connections} connections; medians of {arguments.runs} runs\n")
    results = {server.name: [] for server in servers}
    for _ in range(arguments.runs):
        for server in servers:  # in turns, so that a slow minute of the machine hits all alike
            results[server.name].append(run_once(arguments, server, summary))

    measured = {name: [run[0] for run in runs] for name, runs in results.items()}
    names = dict.fromkeys(key for runs in measured.values() for run in runs for key in run)
    print_table("ingestion", servers, [
        (name, [number(median_of(measured[server.name], name)) for server in servers])
        for name in names])

    rows = []
    for question in questions(summary["trace"]):
        cells = []
        for server in servers:
            runs = results[server.name]
            taken = median_of([run[1] for run in runs], question.name)
            answer = runs[-1][2].get(question.name)
            cells.append("–" if taken is None else f"{number(taken)} ({answer:,.10g})")
        rows.append((question.name, cells))
    print_table("question: ms (answer)", servers, rows)


if __name__ == "__main__":
    main()
