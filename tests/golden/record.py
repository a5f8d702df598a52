#!/usr/bin/env python3
"""Records the golden exchanges of this folder from a running server, a real Loki.

    tests/golden/record.py BASE_URL VERSION

The server must be empty and accept old entries (limits_config.reject_old_samples: false). Pushes
data.json, waits until it can be queried, sends every request of CASES and writes

    <case>/request.http     method, target and headers, an empty line, the body
    <case>/response.http    status, content headers and X-Recorded-From, an empty line, the body

tests/server/app_golden_test.cc holds the server against them; the numbers in `stats` do not
count.
"""

import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

FOLDER = pathlib.Path(__file__).resolve().parent
RANGE = {"start": "1767571200000000000", "end": "1767574800000000000"}
KEPT_HEADERS = ("Content-Type", "X-Content-Type-Options", "Location")
API = "/loki/api/v1/"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CATEGORIZE = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
# As Grafana's data source and its Logs Drilldown app ask.
GRAFANA = {**CATEGORIZE, "X-Query-Tags": "Source=datasource", "Accept-Encoding": "gzip",
           "User-Agent": "Grafana/12.0.0"}
SAMPLE_TAGS = {**GRAFANA, "X-Query-Tags": "Source=logsample"}
VOLUME_TAGS = {**GRAFANA, "X-Query-Tags": "Source=logvolhist"}
DRILLDOWN = {**GRAFANA, "X-Query-Tags": "Source=grafana-lokiexplore-app"}
ISO_RANGE = {"start": "2026-01-05T00:00:00.000Z", "end": "2026-01-05T01:00:00.000Z"}


def get(path, parameters=None, headers=None):
    query = "?" + urllib.parse.urlencode(parameters, doseq=True) if parameters else ""
    return "GET", path + query, headers or {}, ""


def post(path, body, headers):
    return "POST", path, headers, body


def query_range(query, headers=None, **parameters):
    return get(API + "query_range", {"query": query, **RANGE, **parameters}, headers)


def instant(query, headers=None, **parameters):
    return get(API + "query", {"query": query, "time": RANGE["end"], **parameters}, headers)


def push(body, headers=None):
    return post(API + "push", body, JSON if headers is None else headers)


CASES = {
    # Streams.
    "streams_backward": query_range('{app=~"web|odd"}'),
    "streams_forward": query_range('{app=~"web|odd"}', direction="forward", limit=3),
    "streams_categorized": query_range('{app=~"web|odd"}', CATEGORIZE),
    "streams_categorized_parsed": query_range('{app="api"} | json', CATEGORIZE),
    "streams_parsed": query_range('{app="api"} | json | line_format "{{.method}}"'),
    "streams_empty": query_range('{app="nothing"}'),
    "streams_interval": query_range('{app="web"}', interval="1h", direction="forward"),
    "streams_post": post(API + "query_range", urllib.parse.urlencode(
        {"query": '{app="web"} |= "GET"', **RANGE}), FORM),
    "streams_unknown_flags": query_range('{app="web"}', {
        "X-Loki-Response-Encoding-Flags": "one, two"}, limit=1),
    # Metrics.
    "matrix": query_range('sum by (app) (count_over_time({app=~".+"}[30m]))', step="1800"),
    "matrix_aligned": query_range("1", start="1767571207", end="1767571293", step="30"),
    "matrix_nan": query_range("vector(1) / 0", step="1800"),
    "matrix_flags": query_range("vector(1)", CATEGORIZE, step="3600"),
    "vector": instant('sum by (app) (count_over_time({app=~".+"}[1h]))'),
    "vector_empty": instant('sum(count_over_time({app="nothing"}[1h]))'),
    "vector_health": instant("vector(1)+vector(1)", time="1767571200.1239"),
    "vector_large": instant("vector(21000000000000000000000) * 1000"),
    "vector_small": instant("vector(0.000000007)"),
    "vector_topk": instant('topk(2, sum by (app) (count_over_time({app=~".+"}[1h])))'),
    "metric_of_unparsed_lines": instant('sum(rate({app="web"} | json [1h]))'),
    # Errors of parameters.
    "bad_since": query_range('{app="web"}', since="zz", start="zz"),
    "bad_end": query_range('{app="web"}', end="zz"),
    "bad_start": query_range('{app="web"}', start="1.x"),
    "bad_time": instant("1", time="zz"),
    "bad_limit": query_range('{app="web"}', limit="abc"),
    "bad_limit_zero": query_range('{app="web"}', limit="0"),
    "bad_limit_large": query_range('{app="web"}', limit="5001"),
    "bad_direction": query_range('{app="web"}', direction="up"),
    "bad_step": query_range('{app="web"}', step="0.5m"),
    "bad_step_zero": query_range('{app="web"}', step="0"),
    "bad_interval": query_range('{app="web"}', interval="-1"),
    "bad_range": query_range('{app="web"}', start="5", end="3"),
    "bad_range_long": query_range('{app="web"}', start="0", end="2883600"),
    "bad_resolution": query_range("1", step="0.1"),
    "bad_escape": ("GET", API + "query_range?query=%zz", {}, ""),
    "bad_semicolon": ("GET", API + "labels?a=1;b=2", {}, ""),
    "query_missing": get(API + "query_range"),
    "query_broken": query_range('{app="web"'),
    "query_everything": query_range('{app=~".*"}'),
    "query_instant_log": instant('{app="web"}'),
    # Labels and series.
    "labels": get(API + "labels", RANGE),
    "labels_none": get(API + "label", {"start": "1767000000", "end": "1767000001"}),
    "labels_selected": get(API + "labels", {**RANGE, "query": '{app="api"}'}),
    "label_values": get(API + "label/app/values", RANGE),
    "label_values_none": get(API + "label/nothing/values", RANGE),
    "label_values_pipeline": get(API + "label/app/values", {
        **RANGE, "query": '{app="api"} |= "x"'}),
    "series": get(API + "series", {**RANGE, "match[]": '{app="odd"}'}),
    "series_none": get(API + "series", {**RANGE, "match": '{app="nothing"}'}),
    "legacy_query": get("/api/prom/query", {"query": '{app="web"}', **RANGE}),
    "label_values_markup": get(API + "label/note/values", RANGE),
    "labels_long_range": get(API + "labels", {"start": "0", "end": "2883600"}),
    "label_values_long_range": get(API + "label/a/values", {"start": "0", "end": "2883600"}),
    "series_long_range": get(API + "series", {"start": "0", "end": "2883600"}),
    "stats_long_range": get(API + "index/stats", {
        "query": '{a="b"}', "start": "0", "end": "2883600"}),
    "volume_long_range": get(API + "index/volume", {
        "query": '{a="b"}', "start": "0", "end": "2883600"}),
    # Everything else.
    "format_query": get(API + "format_query", {
        "query": 'sum by(app,namespace,cluster)(rate({app=~"foo|bar",namespace="prod-us-east-0"}'
                 '|="error"|json|level="error"[5m]))/2'}),
    "format_query_bad": get(API + "format_query", {"query": "{a"}),
    "volume_bad_aggregation": get(API + "index/volume", {
        **RANGE, "query": '{app="web"}', "aggregateBy": "zz"}),
    "volume_bad_limit": get(API + "index/volume", {
        **RANGE, "query": '{app="web"}', "limit": "-1"}),
    "stats_everything": get(API + "index/stats", {**RANGE, "query": "{}"}),
    "log_level": get("/log_level"),
    "log_level_bad": post("/log_level", "log_level=zz", FORM),
    "ready": get("/ready"),
    "prometheus_rules": get("/prometheus/api/v1/rules"),
    "prometheus_alerts": get("/prometheus/api/v1/alerts"),
    "not_found": get("/nothing"),
    "not_found_slash": get(API + "labels/"),
    "not_allowed_options": ("OPTIONS", "/ready", {}, ""),
    "redirect": ("GET", "//loki//api/v1/labels?a=b%20c", {}, ""),
    "redirect_escaped": ("GET", API + "%2E%2E/labels", {}, ""),
    # Grafana's data source.
    "grafana_health": get(API + "query", {
        "direction": "backward", "query": "vector(1)+vector(1)", "time": "1767571200000000000"},
        GRAFANA),
    "grafana_logs": query_range('{app=~"web|odd"}', GRAFANA, direction="backward", limit="1000",
                                step="60000ms"),
    "grafana_logs_parsed": query_range('{app="api"} | json | drop __error__', GRAFANA,
                                       direction="forward", limit="1000", step="2000ms"),
    "grafana_logs_empty": query_range('{app="nothing"}', GRAFANA, direction="backward",
                                      limit="1000", step="60000ms"),
    "grafana_logs_broken": query_range('{app="web"} | js on', GRAFANA, direction="backward",
                                       limit="1000", step="60000ms"),
    "grafana_metric": query_range('sum by (app) (rate({app=~".+"}[10m]))', GRAFANA,
                                  step="600000ms"),
    "grafana_metric_instant": instant('sum by (app) (count_over_time({app=~".+"}[1h]))', GRAFANA,
                                      direction="backward"),
    "grafana_volume": query_range(
        'sum by (level, detected_level) (count_over_time({app=~".+"} | drop __error__ [10m]))',
        VOLUME_TAGS, step="600000ms"),
    "grafana_labels": get(API + "labels", RANGE, GRAFANA),
    "grafana_labels_selected": get(API + "labels", {**RANGE, "query": '{app="api"}'}, GRAFANA),
    "grafana_values_encoded": get(API + "label/service%5Fname/values", RANGE, GRAFANA),
    "grafana_series": get(API + "series", {**RANGE, "match[]": '{app="web"}'}, GRAFANA),
    "grafana_sample": query_range('{app="api"} | logfmt | level=~".+"', SAMPLE_TAGS,
                                  direction="backward", limit="100", step="60000ms"),
    "grafana_scan": query_range('{app="web"}', GRAFANA, direction="scan", limit="1000",
                                step="60000ms"),
    "grafana_no_stats": get(API + "index/stats", {**RANGE, "query": '{app="nothing"}'}, GRAFANA),
    "grafana_no_volume": get(API + "index/volume", {
        **RANGE, "query": '{app="nothing"}', "limit": "100"}, VOLUME_TAGS),
    "grafana_no_fields": get(API + "detected_fields", {**RANGE, "query": '{app="nothing"}'},
                             GRAFANA),
    "grafana_no_field_values": get(API + "detected_field/method/values", {
        **RANGE, "query": '{app="nothing"}'}, GRAFANA),
    "grafana_no_detected_labels": get(API + "detected_labels", {
        **RANGE, "query": '{app="nothing"}'}, GRAFANA),
    "grafana_rules": get("/prometheus/api/v1/rules", {"type": "alert"}, GRAFANA),
    "grafana_rules_bad": get("/prometheus/api/v1/rules", {"type": "zz"}, GRAFANA),
    "grafana_values": get(API + "label/app/values", {**RANGE, "query": '{app=~".+"}'}, GRAFANA),
    # Logs Drilldown.
    "drilldown_logs": query_range(
        '{app="api"} | json | logfmt | drop __error__, __error_details__', DRILLDOWN,
        direction="backward", limit="1000", step="2000ms"),
    "drilldown_levels": query_range(
        'sum(count_over_time({app=~".+"} | detected_level != "" [10m])) by (detected_level)',
        DRILLDOWN, step="600000ms"),
    "drilldown_pattern": query_range('{app="web"} |> "GET <_>"', DRILLDOWN, direction="backward",
                                     limit="1000", step="2000ms"),
    "drilldown_shards": query_range(
        'sum by (app) (count_over_time({app=~".+", __stream_shard__=~"1|2"}[10m]))', DRILLDOWN,
        step="600000ms"),
    "drilldown_unwrap": query_range(
        'sum by (app) (sum_over_time({app="api"} | logfmt | json | drop __error__, '
        '__error_details__ | unwrap status | __error__="" [10m]))', DRILLDOWN, step="600000ms"),
    "drilldown_quantile": query_range(
        'quantile_over_time(0.5, {app="api"} | json | unwrap status | __error__="" [10m]) by (app)',
        DRILLDOWN, step="600000ms"),
    "drilldown_label_format": query_range(
        '{app="web"} | label_format place="{{.env}}/{{.app}}"', DRILLDOWN, direction="backward",
        limit="1000", step="2000ms"),
    "drilldown_labels": get(API + "labels", ISO_RANGE, DRILLDOWN),
    "drilldown_values": get(API + "label/app/values", ISO_RANGE, DRILLDOWN),
    "drilldown_field_values": get(API + "detected_field/method/values", {
        **ISO_RANGE, "query": '{app="api"} | json', "line_limit": "1000", "limit": "1"},
        DRILLDOWN),
    "drilldown_no_fields": get(API + "detected_fields", {
        **ISO_RANGE, "query": '{app="nothing"}', "line_limit": "1000", "limit": "1000"}, DRILLDOWN),
    "drilldown_no_labels": get(API + "detected_labels", {
        **ISO_RANGE, "query": '{app="nothing"}'}, DRILLDOWN),
    "drilldown_fields_metric": get(API + "detected_fields", {
        **ISO_RANGE, "query": 'rate({app="api"}[1m])'}, DRILLDOWN),
    "drilldown_no_patterns": get(API + "patterns", {
        **ISO_RANGE, "query": '{app="nothing"}', "step": "10s"}, DRILLDOWN),
    "drilldown_no_volume": get(API + "index/volume", {
        **ISO_RANGE, "query": '{app="nothing"}', "limit": "5000",
        "targetLabels": "service_name"}, DRILLDOWN),
    "drilldown_no_stats": get(API + "index/stats", {**ISO_RANGE, "query": '{app="nothing"}'},
                              DRILLDOWN),
    # What Loki refuses.
    "labels_everything": get(API + "labels", {**RANGE, "query": "{}"}),
    "label_values_everything": get(API + "label/app/values", {**RANGE, "query": '{app=~".*"}'}),
    "detected_labels_everything": get(API + "detected_labels", {**RANGE, "query": "{}"}),
    "fields_no_lines": get(API + "detected_fields", {
        **RANGE, "query": '{app="api"}', "line_limit": "0"}),
    "fields_no_fields": get(API + "detected_fields", {
        **RANGE, "query": '{app="api"}', "limit": "0"}),
    "fields_bad_step": get(API + "detected_fields", {
        **RANGE, "query": '{app="api"}', "step": "zz"}),
    "field_values_bad_limit": get(API + "detected_field/method/values", {
        **RANGE, "query": '{app="api"}', "limit": "x"}),
    # Pages do without parameters that cannot be read.
    "format_query_bad_escape": ("GET", API + "format_query?query=%zz", {}, ""),
    "labels_bad_escape": ("GET", API + "labels?query=%zz", {}, ""),
    # Pushes.
    "push_nothing": push("{}"),
    "push_no_type": push("{}", {}),
    "push_bad_encoding": push("{}", {**JSON, "Content-Encoding": "br"}),
    "push_bad_labels": push('{"streams":[{"stream":{"a.b":"c"},"values":[["1767571200000000000",'
                            '"x"]]}]}'),
    "push_snappy": push("no snappy", {"Content-Type": "application/x-protobuf"}),
    "push_no_entries": push('{"streams":[{"stream":{"app":"web"},"values":[]}]}'),
}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def send(base, method, target, headers, body):
    data = body.encode() if body or method == "POST" else None
    request = urllib.request.Request(base + target, data=data, headers=headers, method=method)
    if data is not None and "Content-Type" not in headers:
        request.add_unredirected_header("Content-Type", "")  # else urllib makes one up
    try:
        with urllib.request.build_opener(NoRedirect).open(request) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def wait_for_data(base):
    case = instant('sum(count_over_time({app=~".+"}[2h]))')
    send(base, "POST", "/flush", {}, "")
    while '"value"' not in send(base, *case)[2]:
        time.sleep(1)


def write_case(name, case, answer, version):
    method, target, headers, body = case
    status, answer_headers, answer_body = answer
    folder = FOLDER / name
    folder.mkdir(exist_ok=True)
    lines = [f"{method} {target}", *(f"{key}: {value}" for key, value in headers.items())]
    (folder / "request.http").write_text("\n".join([*lines, "", body]))
    kept = [f"{key}: {answer_headers[key]}" for key in KEPT_HEADERS if answer_headers[key]]
    lines = [str(status), f"X-Recorded-From: {version}", *kept]
    (folder / "response.http").write_text("\n".join([*lines, "", answer_body]))


def main(base, version):
    data = (FOLDER / "data.json").read_text()
    status, _, body = send(base, "POST", API + "push", JSON, data)
    assert status == 204, body
    wait_for_data(base)
    for name, case in CASES.items():
        write_case(name, case, send(base, *case), version)
    print(f"{len(CASES)} exchanges recorded")


if __name__ == "__main__":
    main(*sys.argv[1:])
