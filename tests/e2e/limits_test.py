"""Every limit of `limits_config`, set for one tenant, refuses that tenant in Loki's words, and nobody
else.

    limits_test.py path/to/skald
"""

import collections
import json
import sys
import time
import urllib.parse

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, check, check_equal, report,
                     run_test)
from websocket import Closed, WebSocket

NOW = time.time_ns()
HOUR = 3600 * NANOSECONDS
BOUNDS = {"start": NOW - HOUR, "end": NOW + NANOSECONDS}

# A limit, the request that it refuses, the status, and what the body must begin with and contain.
Case = collections.namedtuple("Case", "limits request status texts")


def push(values=None, labels=None, streams=None):
    streams = streams or [{"stream": labels or {"app": "x"},
                           "values": values or [[str(NOW), "a line"]]}]
    return "POST", "/loki/api/v1/push", json.dumps({"streams": streams})


def otlp(**resource):
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in resource.items()]
    return "POST", "/otlp/v1/logs", json.dumps({"resourceLogs": [{
        "resource": {"attributes": attributes},
        "scopeLogs": [{"logRecords": [{"timeUnixNano": str(NOW),
                                       "body": {"stringValue": "a line"}}]}]}]})


def query(endpoint, **parameters):
    return "GET", f"/loki/api/v1/{endpoint}?{urllib.parse.urlencode({**BOUNDS, **parameters})}", None


def query_range(text, **parameters):
    return query("query_range", query=text, **parameters)


def seconds_text(nanos):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(nanos // NANOSECONDS))


STREAM = """'{app="x", service_name="x"}'"""

# Streams of production are under the policy fin, but for those of app o.
POLICIES = """policy_stream_mapping:
      ops: [{selector: '{app="o"}', priority: 5}]
      fin: [{selector: '{env="prod"}', priority: 2}]
"""

PUSH_CASES = {
    "max_line_size": Case("max_line_size: 10", push([[str(NOW), "x" * 11]]), 400, [
        f"max entry size '10' bytes exceeded for stream {STREAM} while adding an entry with length "
        "'11' bytes\n"]),
    "max_label_names_per_series": Case(
        "max_label_names_per_series: 1", push(labels={"a": "1", "b": "2"}), 400, [
            "entry for stream '{a=\"1\", b=\"2\", service_name=\"unknown_service\"}' has 2 label "
            "names; limit 1\n"]),
    "max_label_name_length": Case("max_label_name_length: 12", push(labels={"l" * 13: "x"}), 400, [
        f"""stream '{{{"l" * 13}="x", service_name="unknown_service"}}' has label name too long: """
        f"'{'l' * 13}'\n"]),
    "max_label_value_length": Case(
        "max_label_value_length: 15", push(labels={"app": "y" * 16}), 400, [
            "stream '{app=\"", "' has label value too long: '" + "y" * 16 + "'\n"]),
    "reject_old_samples_max_age": Case(
        "reject_old_samples_max_age: 1h", push([[str(NOW - 2 * HOUR), "x"]]), 400, [
            f"entry for stream {STREAM} has timestamp too old: {seconds_text(NOW - 2 * HOUR)}, "
            "oldest acceptable timestamp is: "]),
    "creation_grace_period": Case(
        "creation_grace_period: 1m", push([[str(NOW + HOUR), "x"]]), 400, [
            f"entry for stream {STREAM} has timestamp too new: {seconds_text(NOW + HOUR)}\n"]),
    "allow_structured_metadata": Case(
        "allow_structured_metadata: false", push([[str(NOW), "x", {"a": "b"}]]), 400, [
            f"stream {STREAM} includes structured metadata, but this feature is disallowed. "]),
    "max_structured_metadata_size": Case(
        "max_structured_metadata_size: 5", push([[str(NOW), "x", {"abc": "def"}]]), 400, [
            f"stream {STREAM} has structured metadata too large: '6' bytes, limit: '5' bytes. "]),
    "max_structured_metadata_entries_count": Case(
        "max_structured_metadata_entries_count: 1", push([[str(NOW), "x", {"a": "1", "b": "2"}]]),
        400, [f"stream {STREAM} has too many structured metadata labels: '2', limit: '1'. "]),
    "enforced_labels": Case("enforced_labels: [team, env]", push(), 400, [
        "missing required labels 'team,env' for user 'enforced_labels' for stream "
        f"{STREAM} (policy: '')\n"]),
    "policy_enforced_labels": Case(
        POLICIES + "    policy_enforced_labels: {fin: [cost], '*': [team]}\n"
        "    enforced_labels: [base]", push(labels={"app": "x", "env": "prod"}), 400, [
            "missing required labels 'base,team,cost' for user 'policy_enforced_labels' for stream "
            "'{app=\"x\", env=\"prod\", service_name=\"x\"}' (policy: 'fin')\n"]),
    "block_ingestion_policy_until": Case(
        POLICIES + "    block_ingestion_policy_until: {fin: '2100-01-01T00:00:00Z'}",
        push(streams=[{"stream": {"app": "x", "env": env}, "values": [[str(NOW), "x"]]}
                      for env in ("prod", "dev")]), 260, [
            "ingestion blocked for user 'block_ingestion_policy_until' (policy: 'fin') until "
            "'2100-01-01T00:00:00Z' with status code '260'\n"]),
    "policy_override_limits": Case(
        POLICIES + "    max_global_streams_per_user: 3\n"
        "    policy_override_limits: {fin: {max_global_streams_per_user: 1}}",
        push(streams=[{"stream": {"app": app, "env": "prod"}, "values": [[str(NOW), "x"]]}
                      for app in ("s1", "s2")]), 429, [
            "maximum active stream limit exceeded when trying to create stream "
            "{app=\"s2\", env=\"prod\", service_name=\"s2\"}, "]),
    "block_ingestion_until": Case("block_ingestion_until: '2100-01-01T00:00:00Z'", push(), 260, [
        "ingestion blocked for user 'block_ingestion_until' until '2100-01-01T00:00:00Z' with "
        "status code '260'\n"]),
    "block_ingestion_status_code": Case(
        "block_ingestion_until: '2100-01-01T00:00:00Z'\n    block_ingestion_status_code: 456",
        push(), 456, ["with status code '456'\n"]),
    "ingestion_rate_mb": Case(
        "ingestion_rate_mb: 0.01\n    ingestion_burst_size_mb: 0.01",
        push([[str(NOW + i), "x" * 99] for i in range(300)]), 429, [
            "ingestion rate limit exceeded for user ingestion_rate_mb (limit: 10485 bytes/sec) "
            "while attempting to ingest '300' lines totaling '29700' bytes, reduce log volume or "
            "contact your Loki administrator to see if the limit can be increased\n"]),
    "max_global_streams_per_user": Case(
        "max_global_streams_per_user: 2", push(streams=[
            {"stream": {"app": f"s{i}"}, "values": [[str(NOW), "x"]]} for i in range(3)]), 429, [
                "maximum active stream limit exceeded when trying to create stream "
                "{app=\"s2\", service_name=\"s2\"}, reduce the number of active streams (reduce "
                "labels or reduce label values), or contact your Loki administrator to see if the "
                "limit can be increased, user: 'max_global_streams_per_user'\n"]),
    "max_streams_per_user": Case(
        "max_streams_per_user: 2\n    max_global_streams_per_user: 3", push(streams=[
            {"stream": {"app": f"s{i}"}, "values": [[str(NOW), "x"]]} for i in range(3)]), 429, [
                "maximum active stream limit exceeded when trying to create stream "
                "{app=\"s2\", service_name=\"s2\"}, "]),
    "per_stream_rate_limit": Case(
        "per_stream_rate_limit: 1KB\n    per_stream_rate_limit_burst: 1KB",
        push([[str(NOW + i), "x" * 99] for i in range(20)]), 429, [
            " ignored, reason: 'Per stream rate limit exceeded (limit: 1KB/sec) while attempting "
            "to ingest for stream '{app=\"x\", service_name=\"x\"}' totaling 99B, consider "
            "splitting a stream via additional labels or contact your Loki administrator to see if "
            "the limit can be increased',\n", "total ignored: 20 out of 20 for stream: "]),
    "otlp_config": Case(
        "otlp_config: {resource_attributes: {attributes_config: [{action: index_label, "
        "attributes: [a, b, c]}]}}\n    max_label_names_per_series: 2",
        otlp(a="1", b="2", c="3"), 400, ["has 3 label names; limit 2"]),
}

QUERY_CASES = {
    "max_query_length": Case("max_query_length: 30m", query_range('{app="x"}'), 400, [
        "the query time range exceeds the limit (query length: 1h0m1s, limit: 30m)"]),
    "max_query_range": Case("max_query_range: 1d", query_range('rate({app="x"}[2d])'), 400, [
        "[interval] value exceeds limit: [2d] > [1d]"]),
    "max_query_series": Case(
        "max_query_series: 1", query_range('sum by (n) (count_over_time({app=~".+"}[1h]))'), 400, [
            "maximum number of series (1) reached for a single query; consider reducing query "
            "cardinality by adding more specific stream selectors, reducing the time range, or "
            "aggregating results with functions like sum(), count() or topk()"]),
    "max_entries_limit_per_query": Case(
        "max_entries_limit_per_query: 10", query_range('{app="x"}', limit=11), 400, [
            "max entries limit per query exceeded, limit > max_entries_limit_per_query (11 > 10)"]),
    "max_streams_matchers_per_query": Case(
        "max_streams_matchers_per_query: 1", query_range('{app="x", n="1"}'), 400, [
            "max streams matchers per query exceeded, matchers-count > limit (2 > 1)"]),
    "required_labels": Case("required_labels: [a, b]", query_range('{app="x"}'), 400, [
        "stream selector is missing required matchers [a, b], labels present in the query were "
        "[app]"]),
    "minimum_labels_number": Case("minimum_labels_number: 2", query_range('{app="x"}'), 400, [
        "stream selector has less label matchers than required: (present: [app], number_present: "
        "1, required_number_label_matchers: 2)"]),
    "max_query_bytes_read": Case("max_query_bytes_read: 1B", query_range('{app=~".+"} |= "zz"'),
                                 400, [
        "the query would read too many bytes (query: ", ", limit: 1 B); consider adding more "
        "specific stream selectors or reduce the time range of the query"]),
    "max_querier_bytes_read": Case(
        "max_querier_bytes_read: 1B", query_range('{app=~".+"}', start=NOW - HOUR + NANOSECONDS),
        400, [
            "shard query is too large to execute on a single querier: (query: ", ", limit: 1 B); "
            "consider adding more specific stream selectors or reduce the time range of the "
            "query"]),
    "volume_enabled": Case("volume_enabled: false", query("index/volume", query='{app="x"}'), 404,
                           ["not found"]),
    "volume_max_series": Case(
        "volume_max_series: 1", query("index/volume", query='{app=~".+"}', targetLabels="n"), 400,
        ["the query hit the max number of series limit (limit: 1 series)"]),
}

# Two streams that tell queries apart, pushed for each tenant of QUERY_CASES.
STREAMS = [{"stream": {"app": "x", "n": str(n)}, "values": [[str(NOW - n), "a line"]]}
           for n in range(2)]


def send(server, request, tenant, limits=None):
    method, path, body = request
    headers = {"X-Scope-OrgID": tenant}
    if limits is not None:
        headers["X-Loki-Query-Limits"] = limits
    if body is not None:
        headers["Content-Type"] = "application/json"
    with Client(server.port) as client:
        return client.request(method, path, body, headers)


def check_cases(server, cases):
    for name, case in cases.items():
        response = send(server, case.request, name)
        text = response.body.decode(errors="replace")
        check_equal(response.status, case.status, f"{name}: status ({text[:500]!r})")
        for part in case.texts:
            check(part in text, f"{name}: {part!r} is not in {text!r}")
        other = send(server, case.request, "unlimited")
        # The stream's age and the future are limited for everyone.
        if name != "creation_grace_period":
            check(other.status in (200, 204), f"{name}: refuses another tenant: {other.body!r}")


def check_policies(server):
    """What a policy allows is stored beside what it refuses, and counted under its name."""
    tenant = "block_ingestion_policy_until"
    answer = json.loads(send(server, query("label/env/values"), tenant).body)
    check_equal(answer["data"], ["dev"], "what is not under the policy")
    with Client(server.port) as client:
        metrics = client.request("GET", "/metrics").body.decode()
    for sample in ('loki_discarded_samples_total{format="loki",policy="fin",'
                   f'reason="blocked_ingestion_policy",retention_hours="168",tenant="{tenant}"}} 1',
                   'loki_distributor_lines_received_total{format="loki",is_internal_stream="false",'
                   f'policy="",tenant="{tenant}"}} 1'):
        check(sample in metrics, f"{sample} is not in the metrics")
    other = push(labels={"app": "o", "env": "prod"})
    check_equal(send(server, other, tenant).status, 204, "a stream of a policy of more priority")
    report("policies")


def check_silent_limits(server):
    """Limits that change what is stored or found rather than refuse."""
    tenant = "max_line_size_truncate"
    check_equal(send(server, push([[str(NOW), "x" * 20]]), tenant).status, 204, "truncated push")
    answer = json.loads(send(server, query_range('{app="x"}'), tenant).body)
    check_equal(answer["data"]["result"][0]["values"][0][1], "xxxxxxx...", "truncated line")

    tenant = "max_query_lookback"
    send(server, push([[str(NOW - 2 * HOUR), "old"], [str(NOW), "new"]]), tenant)
    request = query("query_range", query='{app="x"}', start=NOW - 3 * HOUR)
    lines = [value[1] for stream in json.loads(send(server, request, tenant).body)["data"]["result"]
             for value in stream["values"]]
    check_equal(lines, ["new"], "lines within the lookback")

    tenant = "discover_service_name"
    check_equal(send(server, push(), tenant).status, 204, "push without discovery")
    answer = json.loads(send(server, query("labels"), tenant).body)
    check_equal(answer["data"], ["app"], "labels without discovery")

    tenant = "discover_log_levels"
    send(server, push([[str(NOW), "level=error"]]), tenant)
    answer = json.loads(send(server, query_range('{app="x"}'), tenant).body)
    check("detected_level" not in answer["data"]["result"][0]["stream"], f"{answer}")

    tenant = "increment_duplicate_timestamp"
    send(server, push([[str(NOW), "a"], [str(NOW), "b"]]), tenant)
    answer = json.loads(send(server, query_range('{app="x"}', direction="forward"), tenant).body)
    check_equal([value[0] for stream in answer["data"]["result"] for value in stream["values"]],
                [str(NOW), str(NOW + 1)], "times of different lines")

    tenant = "reject_old_samples"
    check_equal(send(server, push([[str(NOW - 1000 * HOUR), "old"]]), tenant).status, 204,
                "an old entry where that is allowed")
    report("limits that do not refuse")


def check_tail_backlog(server):
    """A tail has no end, but what it reads before it lives is limited like a query's range."""
    path = "/loki/api/v1/tail?" + urllib.parse.urlencode({"query": '{app=~".+"}', **BOUNDS})
    with WebSocket(server.port, path, {"X-Scope-OrgID": "max_querier_bytes_read"}) as socket:
        try:
            message = socket.receive()
            check(False, f"a tail beyond max_querier_bytes_read got {message!r}")
        except Closed as closed:
            check("shard query is too large" in closed.reason, f"a tail's end: {closed.reason}")
    report("a tail's backlog is limited like a query")


def check_request_limits(server):
    """Limits that a request brings with it, as far as they are stricter than the tenant's."""
    minutes = json.dumps({"maxQueryLength": "30m"})
    cases = [
        ({"maxQueryLength": "30m"}, {}, "the query time range exceeds the limit (query length: "
                                        "1h0m1s, limit: 30m)"),
        ({"MAXENTRIESLIMITPERQUERY": 5}, {"limit": 6}, "max entries limit per query exceeded, "
         "limit > max_entries_limit_per_query (6 > 5)"),
        ({"maxEntriesLimitPerQuery": 9000}, {"limit": 6000}, "max entries limit per query "
         "exceeded, limit > max_entries_limit_per_query (6000 > 5000)"),
        ({"requiredLabels": ["zz"]}, {}, "stream selector is missing required matchers [zz], "
                                         "labels present in the query were [app]"),
        ({"maxQueryBytesRead": "1B"}, {"text": '{app=~".+"} |= "a"'},
         "the query would read too many bytes (query: "),
        ({"maxQueryInterval": "1m", "unknown": 1}, {"text": 'rate({app="x"}[5m])'},
         "[interval] value exceeds limit: [5m] > [1m]"),
    ]
    for limits, parameters, text in cases:
        request = query_range(**{"text": '{app="x"}', **parameters})
        response = send(server, request, "unlimited", json.dumps(limits))
        check_equal(response.status, 400, f"{limits}: {response.body!r}")
        check(response.body.decode().startswith(text), f"{limits}: {response.body!r}")
    for ignored in ("garbage", "[]", '{"maxQueryLength": 30}', '{"maxQueryLength": "1x"}', "{}"):
        response = send(server, query_range('{app="x"}'), "unlimited", ignored)
        check_equal(response.status, 200, f"{ignored}: {response.body!r}")
    check_equal(send(server, query("labels"), "unlimited", minutes).status, 400, "labels")
    report(f"{len(cases)} limits that requests bring")


SILENT = {
    "max_line_size_truncate": "max_line_size: 10\n    max_line_size_truncate: true\n"
                              "    max_line_size_truncate_identifier: '...'",
    "max_query_lookback": "max_query_lookback: 1h",
    "discover_service_name": "discover_service_name: []",
    "discover_log_levels": "discover_log_levels: false",
    "increment_duplicate_timestamp": "increment_duplicate_timestamp: true",
    "reject_old_samples": "reject_old_samples: false",
    "unlimited": "max_query_length: 0s",
}


def overrides():
    limits = {name: case.limits for name, case in {**PUSH_CASES, **QUERY_CASES}.items()}
    limits.update(SILENT)
    return "overrides:\n" + "".join(f"  {tenant}:\n    {text}\n" for tenant, text in limits.items())


def replace(path, text):
    """Replaces a file in one step: half of it would be a file, too."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(path)


def check_reload(server, path):
    """A changed overrides file is taken; a broken one is not."""
    replace(path, overrides() + "  fresh:\n    max_line_size: 10\n")
    request = push([[str(NOW), "x" * 11]])
    deadline = time.monotonic() + 30
    while send(server, request, "fresh").status != 400:
        check(time.monotonic() < deadline, "the changed overrides are not taken")
        time.sleep(0.1)
    replace(path, "overrides: [")
    time.sleep(0.5)
    check_equal(send(server, request, "fresh").status, 400, "limits after a broken file")
    report("overrides are read again")


def run(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        path = directory / "overrides.yaml"
        path.write_text(overrides())
        server.config_path.write_text(
            server.config_path.read_text().replace("auth_enabled: false", "auth_enabled: true")
            + "querier: {per_request_limits_enabled: true}\n"
            + f"runtime_config: {{file: {path}, period: 100ms}}\n")
        server.start()
        check_cases(server, PUSH_CASES)
        report(f"{len(PUSH_CASES)} limits of pushes")
        check_policies(server)
        for tenant in [*QUERY_CASES, "unlimited"]:
            check_equal(send(server, push(streams=STREAMS), tenant).status, 204, f"push of {tenant}")
        check_cases(server, QUERY_CASES)
        report(f"{len(QUERY_CASES)} limits of queries")
        check_silent_limits(server)
        check_tail_backlog(server)
        check_request_limits(server)
        check_reload(server, path)
        server.terminate()


if __name__ == "__main__":
    run_test(run, sys.argv[1])
