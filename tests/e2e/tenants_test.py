"""Tenants: nothing of one is visible to another over any route; several can be read together.

    tenants_test.py path/to/skald
"""

import json
import sys
import time
import urllib.parse

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, check, check_equal, report,
                     run_test)
from websocket import WebSocket

NOW = time.time_ns()
BOUNDS = {"start": NOW - 600 * NANOSECONDS, "end": NOW + NANOSECONDS}
OWNER, STRANGER = "owner", "stranger"
# Of the owner's data: none of these may be in an answer to the stranger.
SECRETS = ["secretapp", "secretlabel", "secretvalue", "secretline", "secretmeta"]
SELECTOR = '{app=~".+"}'

# Every route that answers with data, with parameters that find the owner's.
READS = [
    ("/loki/api/v1/query_range", {"query": SELECTOR, **BOUNDS}),
    ("/loki/api/v1/query_range", {"query": f"sum by (app) (rate({SELECTOR}[5m]))", **BOUNDS}),
    ("/loki/api/v1/query", {"query": f"sum by (app) (count_over_time({SELECTOR}[5m]))",
                            "time": BOUNDS["end"]}),
    ("/loki/api/v1/labels", BOUNDS),
    ("/loki/api/v1/label", BOUNDS),
    ("/loki/api/v1/label/app/values", BOUNDS),
    ("/loki/api/v1/label/secretlabel/values", BOUNDS),
    ("/loki/api/v1/series", BOUNDS),
    ("/loki/api/v1/index/stats", {"query": SELECTOR, **BOUNDS}),
    ("/loki/api/v1/index/volume", {"query": SELECTOR, **BOUNDS}),
    ("/loki/api/v1/index/volume_range", {"query": SELECTOR, **BOUNDS}),
    ("/loki/api/v1/index/shards", {"query": SELECTOR, "targetBytesPerShard": "600MB", **BOUNDS}),
    ("/loki/api/v1/patterns", {"query": SELECTOR, **BOUNDS}),
    ("/loki/api/v1/detected_labels", BOUNDS),
    ("/loki/api/v1/detected_fields", {"query": SELECTOR, **BOUNDS}),
    ("/loki/api/v1/detected_field/secretmeta/values", {"query": SELECTOR, **BOUNDS}),
    ("/api/prom/query", {"query": SELECTOR, **BOUNDS}),
    ("/api/prom/label", BOUNDS),
    ("/api/prom/label/app/values", BOUNDS),
    ("/api/prom/series", BOUNDS),
    ("/loki/api/v1/delete", {}),
    ("/loki/api/v1/rules", {}),
    ("/api/prom/rules", {}),
    ("/prometheus/api/v1/rules", {}),
    ("/prometheus/api/v1/alerts", {}),
    ("/loki/api/v1/drilldown-limits", {}),
    ("/config/tenant/v1/limits", {}),
]
# Routes that never have data of a tenant in them.
OPEN = ["/ready", "/services", "/config", "/loki/api/v1/status/buildinfo", "/ring",
        "/distributor/ring", "/memberlist", "/log_level", "/loki/api/v1/format_query?query=1",
        "/ingester/prepare_shutdown"]
# Of them these must find something for the owner.
MUST_FIND = [path for path, _ in READS if not path.endswith(("rules", "alerts", "limits", "delete"))]


def ask(server, path, parameters, tenant):
    query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
    with Client(server.port) as client:
        return client.request("GET", path + query, headers={"X-Scope-OrgID": tenant})


def push(server, tenant, app, line):
    body = json.dumps({"streams": [{
        "stream": {"app": app, "secretlabel" if tenant == OWNER else "label": "secretvalue"
                   if tenant == OWNER else "value"},
        "values": [[str(NOW - i), f"{line} {i}", {"secretmeta" if tenant == OWNER else "meta": "1"}]
                   for i in range(100)]}]})
    with Client(server.port) as client:
        response = client.request("POST", "/loki/api/v1/push", body, {
            "Content-Type": "application/json", "X-Scope-OrgID": tenant})
    check_equal(response.status, 204, f"push ({response.body!r})")


def is_empty(path, body):
    """Whether an answer says that there is nothing."""
    if path.endswith("index/stats"):
        return json.loads(body)["entries"] == 0
    if path.endswith("index/shards"):
        return json.loads(body)["shards"][0]["stats"]["entries"] == 0
    answer = json.loads(body)
    data = answer.get("data", answer)
    return not (data.get("result") or data.get("streams") or data.get("values")
                or data.get("detectedLabels") or data.get("fields")
                if isinstance(data, dict) else data)


def check_reads(server, moment):
    for path, parameters in READS:
        seen = ask(server, path, parameters, OWNER)
        stranger = ask(server, path, parameters, STRANGER)
        text = stranger.body.decode()
        for secret in SECRETS:
            check(secret not in text, f"{moment}: {path} shows a stranger {secret!r}: {text[:500]}")
        if path not in MUST_FIND:
            continue
        check_equal((seen.status, stranger.status), (200, 200), f"{moment}: {path}: status")
        check(not is_empty(path, seen.body), f"{moment}: {path} has nothing for its owner")
        check(is_empty(path, stranger.body), f"{moment}: {path} has something: {text[:500]}")
    for path in OPEN:
        text = ask(server, path, {}, STRANGER).body.decode()
        for secret in SECRETS:
            check(secret not in text, f"{moment}: {path} shows {secret!r}")
    report(f"{moment}: {len(READS)} ways to read show a stranger nothing")


def check_same_streams_apart(server):
    """Equal labels, times and lines in two tenants are two rows."""
    for tenant in ("left", "right"):
        push(server, tenant, "twin", "same")
    for tenant in ("left", "right"):
        answer = ask(server, "/loki/api/v1/query", {
            "query": 'sum(count_over_time({app="twin"}[5m]))', "time": BOUNDS["end"]}, tenant)
        value = json.loads(answer.body)["data"]["result"][0]["value"][1]
        check_equal(value, "100", f"rows of {tenant}")


def check_multi_tenant(server):
    def of_both(path, **parameters):
        response = ask(server, path, {**BOUNDS, **parameters}, "right|left|right")
        check_equal(response.status, 200, f"{path} ({response.body!r})")
        return json.loads(response.body)

    result = of_both("/loki/api/v1/query_range", query='{app="twin"}')["data"]["result"]
    check_equal([stream["stream"]["__tenant_id__"] for stream in result], ["left", "right"],
                "streams of two tenants")
    total = of_both("/loki/api/v1/query_range", step="600",
                    query='sum by (__tenant_id__) (count_over_time({app="twin"}[20m]))')
    check_equal({series["metric"]["__tenant_id__"]: series["values"][-1][1]
                 for series in total["data"]["result"]}, {"left": "100", "right": "100"}, "counts")
    one = of_both("/loki/api/v1/query_range", query='{app="twin", __tenant_id__="left"}')
    check_equal(len(one["data"]["result"]), 1, "streams of a chosen tenant")
    check_equal(of_both("/loki/api/v1/labels")["data"],
                ["__tenant_id__", "app", "label", "service_name"], "labels")
    check_equal(of_both("/loki/api/v1/label/__tenant_id__/values")["data"], ["left", "right"],
                "values of __tenant_id__")
    check_equal(len(of_both("/loki/api/v1/series")["data"]), 2, "series")
    check_equal(of_both("/loki/api/v1/index/stats", query='{app="twin"}')["entries"], 200,
                "entries")
    check_equal(len(of_both("/loki/api/v1/index/volume", query='{__tenant_id__=~".+"}')
                    ["data"]["result"]), 2, "volumes")
    fields = of_both("/loki/api/v1/detected_fields", query='{app="twin"}')["fields"]
    check("meta" in [field["label"] for field in fields], f"fields {fields}")
    check_equal(ask(server, "/loki/api/v1/patterns", {"query": '{app="twin"}'}, "left|right").status,
                404, "patterns of several tenants")
    with Client(server.port) as client:
        response = client.request("POST", "/loki/api/v1/push", "{}", {
            "Content-Type": "application/json", "X-Scope-OrgID": "left|right"})
    check_equal((response.status, response.body), (400, b"multiple org IDs present\n"),
                "push for several tenants")
    report("several tenants read together")


def check_without_tenant(server):
    for path, parameters in READS:
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        with Client(server.port) as client:
            response = client.request("GET", path + query)
        if response.status == 404:
            continue
        check_equal((response.status, response.body), (401, b"no org id\n"), f"{path}: no tenant")
    report("no tenant, no answer")


def check_single_only(binary):
    """Unless multi_tenant_queries_enabled, several tenants are refused."""
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        configure(server, several=False)
        server.start()
        answer = ask(server, "/loki/api/v1/labels", {}, "a|b")
        check_equal((answer.status, answer.body), (400, b"multiple org IDs present\n"), "a|b")
        check_equal(ask(server, "/loki/api/v1/labels", {}, "a|a").status, 200, "a|a")
        server.terminate()
    report("several tenants are refused unless configured")


def configure(server, several):
    text = server.config_path.read_text().replace("auth_enabled: false", "auth_enabled: true")
    if several:
        text += "querier: {multi_tenant_queries_enabled: true}\n"
    server.config_path.write_text(text)


def run(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        configure(server, several=True)
        server.start()
        push(server, OWNER, "secretapp", "secretline")
        check_reads(server, "in memory")
        with Client(server.port) as client:
            check_equal(client.request("POST", "/flush").status, 204, "flush")
        check_reads(server, "in parts")
        check_same_streams_apart(server)
        check_multi_tenant(server)
        check_without_tenant(server)
        with WebSocket(server.port, f"/loki/api/v1/tail?query={urllib.parse.quote(SELECTOR)}",
                       {"X-Scope-OrgID": STRANGER}) as socket:
            push(server, STRANGER, "own", "own line")
            text = socket.receive()
            check(not any(secret in text for secret in SECRETS), f"a tail shows {text[:500]}")
        server.terminate()
    check_single_only(binary)


if __name__ == "__main__":
    run_test(run, sys.argv[1])
