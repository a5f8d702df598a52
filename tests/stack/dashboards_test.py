#!/usr/bin/env python3
"""Every panel of the dashboards shows something: LogQL against a server with sample logs, PromQL by
the names of its metrics.

    dashboards_test.py SKALD

The server runs with the stack's configuration and holds what the stack's sample application writes,
labelled as the stack's Promtail labels it.
"""

import importlib.util
import json
import pathlib
import random
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
# pylint: disable=wrong-import-position
from harness import (NANOSECONDS, Client, Server, TemporaryDirectory, TestSkipped, check,
                     check_equal, report, run_test)

try:
    import yaml
except ImportError as missing:
    yaml = None
    MISSING = str(missing)

STACK = ROOT / "configs/stack"
SPAN = 1800
# Metrics of the stack's other members, and series that Prometheus makes itself.
FOREIGN = re.compile(r"node_|up$|ALERTS|scrape_|promtail_|prometheus_|alertmanager_|grafana_")
PROMQL_WORDS = {
    "sum", "avg", "min", "max", "count", "topk", "bottomk", "rate", "irate", "increase", "delta",
    "histogram_quantile", "by", "without", "on", "ignoring", "group_left", "group_right", "and",
    "or", "unless", "bool", "offset", "label_replace", "clamp_min", "clamp_max", "clamp", "time",
    "vector", "absent", "avg_over_time", "max_over_time", "min_over_time", "sum_over_time",
    "deriv", "predict_linear", "changes", "resets", "quantile", "le", "scalar", "round", "abs",
    "ceil", "floor", "stddev", "group", "label_join", "sort_desc", "sort", "last_over_time",
    "count_over_time", "count_values", "quantile_over_time", "inf", "nan"}


def dashboards():
    for folder in (STACK / "grafana/dashboards", ROOT / "configs/dashboards"):
        for path in sorted(folder.glob("*.json")):
            yield path.name, json.loads(path.read_text())


def panels(dashboard):
    for panel in dashboard["panels"]:
        yield from [panel] if panel["type"] != "row" else panel.get("panels", [])


def targets(dashboard):
    """Yields (panel title, kind of datasource, target)."""
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            source = target.get("datasource") or panel.get("datasource") or {}
            yield panel["title"], source.get("type"), target


def check_shape(name, dashboard):
    for key in ("uid", "title", "schemaVersion", "panels", "templating", "time"):
        check(key in dashboard, f"{name}: no {key}")
    ids = [panel["id"] for panel in panels(dashboard)]
    check_equal(len(set(ids)), len(ids), f"{name}: different panel ids")
    known = {item["name"] for item in dashboard["templating"]["list"]}
    text = json.dumps(dashboard["panels"])
    used = set(re.findall(r"\$\{?([a-z]\w*)", text))
    check(used <= known, f"{name}: unknown variables {used - known}")
    for panel in panels(dashboard):
        grid = panel["gridPos"]
        check(grid["x"] + grid["w"] <= 24, f"{name}: panel {panel['title']} is too wide")


def sample_logs(end):
    """The sample application's lines of the last half hour, as Promtail would push them."""
    spec = importlib.util.spec_from_file_location("app", STACK / "app/app.py")
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    rng = random.Random(3)
    makers = [({"job": "containers", "service": "app", "stream": "stdout"}, app.request_line),
              ({"job": "files", "service": "worker"}, app.job_line),
              ({"job": "files", "service": "audit"}, app.audit_line)]
    for labels, make in makers:
        rows = [(int((end - SPAN + index) * NANOSECONDS), make(rng, end - SPAN + index))
                for index in range(0, SPAN, 2)]
        yield labels, rows


def concrete(expression, dashboard):
    for item in dashboard["templating"]["list"]:
        value = item.get("allValue") or item.get("query") or ""
        expression = re.sub(rf"\$\{{?{item['name']}\b\}}?", value, expression)
    expression = expression.replace("$__range", f"{SPAN}s")
    return re.sub(r"\$__(auto|interval|rate_interval)", "1m", expression)


def check_logql(client, where, expression, target, end):
    at = {"query": expression, "limit": 100}
    if target.get("queryType") == "instant":
        answer = client.get_json("query", **at, time=int(end * NANOSECONDS))
    else:
        answer = client.get_json("query_range", **at, start=int((end - SPAN) * NANOSECONDS),
                                 end=int(end * NANOSECONDS), step=60)
    result = answer["data"]["result"]
    check(result, f"{where}: no data for {expression}")
    errors = [series for series in result
              if "__error__" in {**series.get("metric", {}), **series.get("stream", {})}]
    check(not errors, f"{where}: errors in {errors[:1]}")


def metric_names(expression):
    text = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]', " ", expression)
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    return set(re.findall(r"\b[a-zA-Z_]\w*\b", text)) - PROMQL_WORDS


def exposed_metrics(client):
    text = client.request("GET", "/metrics").body.decode()
    return set(re.findall(r"^([a-zA-Z_:]\w*)", text, re.MULTILINE))


def check_promql(names, where, expression):
    for name in metric_names(expression):
        known = name in names or FOREIGN.match(name)
        check(known, f"{where}: no metric {name} in /metrics ({expression})")


def alert_expressions():
    """Yields (file, expression) of all alerts."""
    for folder in (STACK / "prometheus", ROOT / "configs/prometheus"):
        for path in sorted(folder.glob("*.yaml")):
            for group in yaml.safe_load(path.read_text()).get("groups", []):
                for rule in group["rules"]:
                    yield path.name, rule["expr"]


def start_server(binary, folder):
    server = Server(binary, folder)
    text = (STACK / "skald.yaml").read_text().replace("/loki", str(server.data))
    text = text.replace("http_listen_port: 3100",
                        f"http_listen_address: 127.0.0.1\n  http_listen_port: {server.port}")
    server.config_path.write_text(text.replace("grpc_listen_port: 9096", "grpc_listen_port: 0"))
    server.start()
    return server


def test(binary):
    if yaml is None:
        raise TestSkipped(MISSING)
    end = time.time() - 1
    count = 0
    with TemporaryDirectory() as folder:
        with start_server(binary, folder) as server, Client(server.port) as client:
            for labels, rows in sample_logs(end):
                check_equal(client.push_json([(labels, rows)]).status, 204, "push")
            tomorrow = int((end + 86400) * NANOSECONDS)
            refused = client.push_json([({"job": "files"}, [(tomorrow, "too new")])])
            check_equal(refused.status, 400, "a push of what is too new")
            for name, dashboard in dashboards():
                check_shape(name, dashboard)
                for title, kind, target in targets(dashboard):
                    if kind == "loki":
                        expression = concrete(target["expr"], dashboard)
                        check_logql(client, f"{name}, {title}", expression, target, end)
                        count += 1
            # Some metrics are there once something was refused.
            refused = client.push_json([({"app": "x"}, [(int(end * NANOSECONDS), "x" * 300_000)])])
            check_equal(refused.status, 400, "a line that is too long")
            names = exposed_metrics(client)
            for name, dashboard in dashboards():
                for title, kind, target in targets(dashboard):
                    if kind == "prometheus":
                        check_promql(names, f"{name}, {title}", concrete(target["expr"], dashboard))
                        count += 1
            for name, expression in alert_expressions():
                check_promql(names, name, expression)
                count += 1
    check(count > 10, "hardly any panel was found")
    report(f"{count} panels and rules")


if __name__ == "__main__":
    run_test(test, *sys.argv[1:])
