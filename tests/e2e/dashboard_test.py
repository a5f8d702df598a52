"""Holds the Grafana dashboards of configs/dashboards against what the server exposes.

Every metric that a panel asks for must be there once the server was pushed to and queried, and
every label that it groups by must be one of that metric's.
"""

import collections
import json
import pathlib
import re
import sys
import time

from harness import (NANOSECONDS, Server, TemporaryDirectory, check, check_equal, report, run_test)

DASHBOARDS = pathlib.Path(__file__).resolve().parents[2] / "configs" / "dashboards"
METRIC = re.compile(r"\b(?:loki|skald|process)_\w+")
GROUPING = re.compile(r"\bby \(([^)]*)\)")
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ")
LABEL = re.compile(r'(\w+)="')
# Loki's own dashboards and alerts need these, whatever ours show.
NEEDED_BY_LOKIS = """\
loki_build_info loki_request_duration_seconds_bucket loki_request_duration_seconds_count
loki_inflight_requests loki_panic_total loki_tcp_connections loki_tcp_connections_limit
loki_distributor_bytes_received_total loki_distributor_lines_received_total
loki_distributor_ingester_appends_total loki_distributor_ingester_append_failures_total
loki_discarded_samples_total loki_discarded_bytes_total loki_ingester_memory_streams
loki_ingester_memory_chunks loki_ingester_flush_queue_length loki_ingester_wal_logged_bytes_total
loki_logql_querystats_latency_seconds_bucket
loki_logql_querystats_bytes_processed_per_seconds_bucket loki_query_scheduler_queue_length
loki_query_scheduler_queue_duration_seconds_bucket process_resident_memory_bytes
process_cpu_seconds_total process_open_fds process_start_time_seconds""".split()


def exposed_labels(server):
    """Returns {metric: names of the labels that any of its series has}."""
    with server.client() as client:
        text = client.request("GET", "/metrics").body.decode()
    labels = collections.defaultdict(set)
    for line in text.splitlines():
        if sample := SAMPLE.match(line):
            labels[sample.group(1)].update(LABEL.findall(sample.group(2) or ""))
    return labels


def use(server):
    """Has every kind of metric come into being."""
    now = time.time_ns()
    with server.client() as client:
        check_equal(client.push_json([({"app": "a"}, [(now, "a line")])]).status, 204, "a push")
        old = client.push_json([({"app": "a"}, [(now - 30 * 86400 * NANOSECONDS, "an old line")])])
        check_equal(old.status, 400, "a push of an old line")
        client.get_json("query_range", query='{app="a"}')
        check_equal(client.count('{app="a"}', now + NANOSECONDS), 1, "lines")


def expressions(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def check_dashboard(path, exposed):
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    ids = [panel["id"] for panel in dashboard["panels"]]
    check_equal(len(ids), len(set(ids)), f"{path.name}: panels with an id of their own")
    count = 0
    for title, expression in expressions(dashboard):
        names = METRIC.findall(expression)
        check(names, f"{path.name}, {title}: no metric in {expression}")
        for name in names:
            check(name in exposed, f"{path.name}, {title}: the server exposes no {name}")
        for grouping in GROUPING.findall(expression):
            for label in re.split(r"\s*,\s*", grouping):
                check(all(label in exposed[name] for name in names),
                      f"{path.name}, {title}: not all of {names} have the label {label}")
        count += 1
    report(f"{path.name}: {count} expressions name metrics that exist")


def run(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.start()
        use(server)
        exposed = exposed_labels(server)
        for path in sorted(DASHBOARDS.glob("*.json")):
            check_dashboard(path, exposed)
        missing = [name for name in NEEDED_BY_LOKIS if name not in exposed]
        check(not missing, f"metrics of Loki's dashboards that are not exposed: {missing}")
        report(f"{len(NEEDED_BY_LOKIS)} metrics of Loki's own dashboards and alerts are exposed")
        check_equal(server.terminate(), 0, "exit code after SIGTERM")


if __name__ == "__main__":
    run_test(run, sys.argv[1])
