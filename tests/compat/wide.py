"""What tests/compat/v1-wide holds: every kind of record, edit, page and column that version 1 writes.

Parts of levels 0 to 2, of several days and retention classes, with metadata of every encoding,
lines longer than a page, times of every scale, and label names that need quotes; a log with pushes
in several formats, refused lines, and rows logged again; delete requests in force, processed and
cancelled.
"""

import gzip
import hashlib
import json
import urllib.parse

from content import START

from harness import (Client, NANOSECONDS, check, check_equal, encode_protobuf_push, snappy_literal,
                     wait_until)

DAY = 86_400 * NANOSECONDS
END = START + 3 * DAY
LEVELS = ["info", "warn", "error", "debug", "fatal"]
# Some of these lie otherwise among each other when they are quoted.
ODD_NAMES = ["_a", "a.b", "z", "a\tb", 'k="v", x', "\u00e9t\u00e9"]
FLUSHED = 6
WIDE, QUIET, FILLER = "wide", "quiet", "filler"

LIMITS = """\
limits_config:
  reject_old_samples: false
  retention_period: 0s
  max_line_size: 1MB
  deletion_mode: filter-and-delete
  retention_stream:
    - {selector: '{class="long"}', priority: 1, period: 876000h}
    - {selector: '{class="longer"}', priority: 1, period: 1752000h}
"""
REST = """\
compactor:
  retention_enabled: true
  delete_request_store: filesystem
  delete_request_cancel_period: %s
skald: {memtable_size: 1MB, memory_limit: 256MB}
"""


class TenantClient(Client):
    """Speaks for one tenant."""

    def __init__(self, port, tenant):
        super().__init__(port)
        self._tenant = tenant

    def request(self, method, path, body=None, headers=None):
        return super().request(method, path, body,
                               {"X-Scope-OrgID": self._tenant, **(headers or {})})


def configure(server, cancel_period="24h"):
    text = server.config_path.read_text().split("compactor:")[0]
    if "retention_stream" not in text:
        text = text.replace("auth_enabled: false", "auth_enabled: true")
        text = text.replace("limits_config:\n", LIMITS)
    server.config_path.write_text(text + REST % cancel_period)


def streams_of(batch):
    """[(labels, [(timestamp, line, metadata)])] of one push."""
    first = START + batch % 2 * DAY + batch * 600 * NANOSECONDS
    milli, micro = 1_000_000, 1_000

    def stream(app, count, step, metadata_of, **labels):
        return ({"app": app, **labels},
                [(first + i * step, f"{app} batch={batch} row={i} took={i * 7 % 100}ms",
                  metadata_of(i)) for i in range(count)])

    long_lines = ["y" * 300_000 + str(batch), *(f"{i}" * 200_000 for i in range(3)), ""]
    return [
        stream("constant", 40, NANOSECONDS, lambda i: {"env": "prod"}),
        stream("sparse", 200, 17 * milli, lambda i: {"rare": f"r{i}"} if i % 50 == 0 else {}),
        stream("dictionary", 300, 13 * micro, lambda i: {"level": LEVELS[i % 5]}),
        stream("plain", 60, 1_234_567_891, lambda i: {
            "trace_id": f"{batch:04x}{i * 2654435761 % 2**32:08x}"}),
        stream("many", 160, milli, lambda i: {f"m{i % 80}": str(i), "some": "x"}),
        stream("kept", 20, NANOSECONDS, lambda i: {}, **{"class": "long"}),
        stream("kept", 20, NANOSECONDS, lambda i: {}, **{"class": "longer"}),
        ({"app": "long"}, [(first + i, line, {}) for i, line in enumerate(long_lines)]),
    ]


def push(client, body, headers):
    reply = client.request("POST", "/loki/api/v1/push", body, headers)
    check_equal(reply.status, 204, f"push ({reply.body!r})")


def push_batch(client, batch):
    body = json.dumps({"streams": [
        {"stream": labels, "values": [[str(time), line, metadata] if metadata else [str(time), line]
                                      for time, line, metadata in entries]}
        for labels, entries in streams_of(batch)]}).encode()
    headers = {"Content-Type": "application/json"}
    if batch % 2:
        body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
    push(client, body, headers)
    push_odd(client, batch)


def push_odd(client, batch):
    """The streams whose names need quotes, which JSON cannot have."""
    odd = [(f'{{{json.dumps(name, ensure_ascii=False)}="v", app="odd"}}',
            [(START + batch * NANOSECONDS + i, f"odd {batch} {i}") for i in range(3)])
           for name in ODD_NAMES]
    push(client, snappy_literal(encode_protobuf_push(odd)),
         {"Content-Type": "application/x-protobuf"})


def push_otlp(client):
    body = {"resourceLogs": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "otlp"}}]},
        "scopeLogs": [{"logRecords": [
            {"timeUnixNano": str(START + i), "severityNumber": 9, "body": {"stringValue": f"o {i}"},
             "attributes": [{"key": "n", "value": {"intValue": str(i)}}]} for i in range(5)]}]}]}
    reply = client.request("POST", "/otlp/v1/logs", json.dumps(body).encode(),
                           {"Content-Type": "application/json"})
    check(reply.status in (200, 204), f"OTLP push: {reply.status} {reply.body!r}")


def push_partly_refused(client):
    """One line is too long, the other is stored."""
    body = {"streams": [{"stream": {"app": "refused"}, "values": [
        [str(START), "r" * 1_200_000], [str(START + 1), "stored beside a refused line"]]}]}
    reply = client.request("POST", "/loki/api/v1/push", json.dumps(body).encode(),
                           {"Content-Type": "application/json"})
    check_equal(reply.status, 400, f"a push with a line that is too long ({reply.body!r})")


def flush(client):
    check_equal(client.request("POST", "/flush").status, 204, "flush")


def compact(client):
    reply = client.request("POST", "/skald/api/v1/compact")
    check(reply.status in (200, 202, 204), f"compact: {reply.status} {reply.body!r}")
    wait_until(lambda: b'"idle"' in client.request("GET", "/skald/api/v1/compact").body, 120,
               "everything is merged")


def delete(client, query):
    parameters = urllib.parse.urlencode({"query": query, "start": START // NANOSECONDS,
                                         "end": END // NANOSECONDS})
    reply = client.request("POST", f"/loki/api/v1/delete?{parameters}")
    check_equal(reply.status, 204, f"delete request ({reply.body!r})")


def deletes(client):
    reply = client.request("GET", "/loki/api/v1/delete")
    return [] if reply.status == 404 else json.loads(reply.body)


def statuses(client):
    return sorted([request["query"], request["status"]] for request in deletes(client))


def write(server):
    """Fills the directory of a server that is not running; kills it at the end."""
    configure(server, cancel_period="0s")
    server.start()
    with TenantClient(server.port, WIDE) as client:
        for batch in range(FLUSHED):
            push_batch(client, batch)
            flush(client)
            if batch in (3, 4):
                compact(client)
        delete(client, '{app="plain"} |= "row=7 "')
        compact(client)
        wait_until(lambda: all(s == "processed" for _, s in statuses(client)), 120,
                   "the first request is processed")
    check_equal(server.terminate(), 0, "exit code")
    configure(server)
    server.start()
    with TenantClient(server.port, WIDE) as client:
        push_batch(client, FLUSHED)
        delete(client, '{app="dictionary"} |= "row=8 "')
        delete(client, '{app="sparse"}')
        cancelled, = [r for r in deletes(client) if r["query"] == '{app="sparse"}']
        reply = client.request("DELETE",
                               f"/loki/api/v1/delete?request_id={cancelled['request_id']}")
        check_equal(reply.status, 204, "cancelling a delete request")
        log_small_tenant_again(server)
        push_batch(client, FLUSHED + 1)
        push_otlp(client)
        push_partly_refused(client)
        return answers(server)


def log_small_tenant_again(server):
    """Fills the memtable for another tenant, so that the quiet one's rows are logged again."""
    with TenantClient(server.port, QUIET) as client:
        lines = [(START + i, f"quiet {i}") for i in range(5)]
        check_equal(client.push_json([({"app": "quiet"}, lines)]).status, 204, "quiet push")
    with TenantClient(server.port, FILLER) as client:
        for batch in range(3):
            lines = [(START + batch * 1000 + i, "filler " + "z" * 1000) for i in range(500)]
            check_equal(client.push_json([({"app": "filler"}, lines)]).status, 204, "filler")
        wait_until(lambda: relogged_bytes(client) > 0, 30, "the quiet tenant is logged again")


def relogged_bytes(client):
    text = client.request("GET", "/metrics").body.decode()
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if "relogged" in line and not line.startswith("#"))


def rows_digest(rows):
    plain = sorted(([row.timestamp, row.line, row.labels] for row in rows),
                   key=lambda row: json.dumps(row, sort_keys=True))
    text = json.dumps(plain, sort_keys=True)
    return [len(plain), hashlib.sha256(text.encode()).hexdigest()]


def answers(server):
    with TenantClient(server.port, WIDE) as wide, TenantClient(server.port, QUIET) as quiet:
        def samples(query):
            answer = wide.get_json("query", query=query, time=END)["data"]["result"]
            return sorted(([series["metric"], series["value"][1]] for series in answer),
                          key=json.dumps)

        return {
            "labels": wide.get_json("labels", start=START, end=END)["data"],
            "rows": rows_digest(wide.rows('{app=~".+"}', START, END)),
            "by app": samples('sum by (app) (count_over_time({app=~".+"}[10d]))'),
            "by level": samples('sum by (detected_level) (count_over_time({app="dictionary"}[9d]))'),
            "bytes": samples('sum by (class) (bytes_over_time({app="kept"}[10d]))'),
            "odd names": samples('count_over_time({app="odd"}[10d])'),
            "rare": samples('sum by (rare) (count_over_time({app="sparse"} | rare=~"r.+" [10d]))'),
            "many": samples('sum(count_over_time({app="many"} | m7="87" [10d]))'),
            "long": samples('sum(count_over_time({app="long"} |= "yyyyy" [10d]))'),
            "otlp": rows_digest(wide.rows('{service_name="otlp"}', START, END)),
            "quiet": rows_digest(quiet.rows('{app="quiet"}', START, END)),
            "deletes": statuses(wide),
        }
