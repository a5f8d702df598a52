"""Sends bad requests and demands the status and text that Loki answers, and a server that lives on.

After every bad request a good push and a query on a fresh connection must succeed.
"""

import collections
import gzip
import json
import select
import socket
import sys
import time
import urllib.parse
import zlib

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, check, check_equal,
                     encode_json_push, encode_protobuf_push, report, run_test, snappy_literal,
                     varint)

JSON = {"Content-Type": "application/json"}
PROTOBUF = {"Content-Type": "application/x-protobuf"}
PUSH = "/loki/api/v1/push"
NOW = time.time_ns()
DAY = 86400 * NANOSECONDS
GOOD_STREAM = ({"app": "good"}, [(NOW, "a good line")])

# One bad request and what it must be answered: the status, and texts of which each must occur in
# the body (none: any text will do).
Case = collections.namedtuple("Case", "name method path body headers status texts")


def push_case(name, body, headers, status, *texts):
    return Case(name, "POST", PUSH, body, headers, status, texts)


def json_case(name, streams, status, *texts):
    return push_case(name, encode_json_push(streams), JSON, status, *texts)


def query_case(name, endpoint, parameters, status, *texts):
    path = f"/loki/api/v1/{endpoint}?{urllib.parse.urlencode(parameters)}"
    return Case(name, "GET", path, None, {}, status, texts)


def transport_cases():
    good = encode_json_push([GOOD_STREAM])
    protobuf = encode_protobuf_push([GOOD_STREAM])
    snappy = snappy_literal(protobuf)
    return [
        push_case("no content type", good, {}, 400, "mime: no media type"),
        push_case("unknown encoding", good, {**JSON, "Content-Encoding": "br"}, 400,
                  'Content-Encoding "br" not supported'),
        push_case("gzip that is none", good, {**JSON, "Content-Encoding": "gzip"}, 400),
        push_case("truncated gzip", gzip.compress(good)[:-12],
                  {**JSON, "Content-Encoding": "gzip"}, 400),
        push_case("deflate that is none", b"\xff" * 20, {**JSON, "Content-Encoding": "deflate"},
                  400),
        push_case("truncated snappy", snappy[:len(snappy) // 2], PROTOBUF, 400,
                  "snappy: corrupt input"),
        push_case("no snappy at all", b"\xff" * 64, PROTOBUF, 400, "snappy: corrupt input"),
        push_case("empty protobuf body", b"", PROTOBUF, 400),
        push_case("snappy that claims 4 GiB", varint(2**32 - 1) + b"\x00a", PROTOBUF, 400),
        push_case("JSON sent as protobuf", good, PROTOBUF, 400),
        push_case("truncated protobuf", snappy_literal(protobuf[:-3]), PROTOBUF, 400,
                  "unexpected EOF"),
        push_case("protobuf with a bad wire type", snappy_literal(b"\x0f\x01"), PROTOBUF, 400),
        push_case("snappy inside bad gzip", snappy, {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
    ]


def json_cases():
    return [
        push_case("no JSON", b"streams?", JSON, 400),
        push_case("empty JSON body", b"", JSON, 400),
        push_case("truncated JSON", encode_json_push([GOOD_STREAM])[:-9], JSON, 400),
        push_case("no streams", b"{}", JSON, 422,
                  "error at least one valid stream is required for ingestion"),
        push_case("deep JSON", b"[" * 200_000, JSON, 400),
        push_case("deep JSON in an unknown key", b'{"x":' + b"[" * 200_000, JSON, 400),
        push_case("timestamp as a number", json_values([1, "a"]), JSON, 400),
        push_case("timestamp that is no number", json_values(["now", "a"]), JSON, 400),
        push_case("metadata that is no object", json_values([str(NOW), "a", 7]), JSON, 400),
        push_case("metadata value that is no string", json_values([str(NOW), "a", {"k": 1}]), JSON,
                  400),
    ]


def json_values(*values):
    return json.dumps({"streams": [{"stream": {"app": "bad"}, "values": values}]}).encode()


def validation_cases():
    old = (NOW - 8 * DAY) // NANOSECONDS * NANOSECONDS
    many = {f"label{n}": "x" for n in range(16)}
    raw_labels = snappy_literal(_raw_stream(b'{app=nonsense}'))
    doubled = snappy_literal(_raw_stream(b'{app="a", app="b"}'))
    return [
        json_case("bad label name", [({"a.b": "c"}, [(NOW, "x")])], 400,
                  "couldn't parse labels: 1:3: parse error: unexpected character inside braces"),
        push_case("bad label text", raw_labels, PROTOBUF, 400, "couldn't parse labels: "),
        push_case("label named twice", doubled, PROTOBUF, 400, "has duplicate label name: 'app'"),
        json_case("too many labels", [(many, [(NOW, "x")])], 400, "entry for stream '",
                  "has 16 label names; limit 15"),
        json_case("long label name", [({"l" * 1025: "x"}, [(NOW, "x")])], 400, "stream '",
                  "has label name too long: 'lll"),
        json_case("long label value", [({"a": "x" * 2049}, [(NOW, "x")])], 400, "stream '",
                  "has label value too long: 'xxx"),
        json_case("old entry", [({"app": "bad"}, [(NOW - 8 * DAY, "x")])], 400,
                  "entry for stream '{app=\"bad\", service_name=\"bad\"}' has timestamp too old: ",
                  ", oldest acceptable timestamp is: "),
        json_case("future entry", [({"app": "bad"}, [(NOW + DAY, "x")])], 400,
                  "entry for stream '{app=\"bad\", service_name=\"bad\"}' has timestamp too new: "),
        json_case("long line", [({"app": "bad"}, [(NOW, "x" * 300_000)])], 400,
                  "max entry size '262144' bytes exceeded for stream '{app=\"bad\", "
                  "service_name=\"bad\"}' while adding an entry with length '300000' bytes"),
        json_case("several kinds of errors",
                  [({"app": "bad"}, [(old, "x"), (old + 1, "y"), (NOW, "x" * 300_000)])], 400,
                  "2 errors like: entry for stream '", "1 errors like: max entry size '",
                  "; "),
        push_case("too many metadata pairs", json_values([str(NOW), "a", metadata(129, 1)]), JSON,
                  400, "stream '{app=\"bad\", service_name=\"bad\"}' has too many structured "
                  "metadata labels: '129', limit: '128'."),
        push_case("too much metadata", json_values([str(NOW), "a", metadata(10, 7000)]), JSON, 400,
                  "stream '{app=\"bad\", service_name=\"bad\"}' has structured metadata too "
                  "large: '70020' bytes, limit: '65536' bytes."),
    ]


def metadata(count, value_size):
    return {f"k{n}": "v" * value_size for n in range(count)}


def _raw_stream(labels):
    """Encodes a PushRequest with one stream of one entry under `labels` as they stand."""
    entry = b"\x0a\x06\x08" + varint(NOW // NANOSECONDS) + b"\x12\x01x"
    stream = b"\x0a" + varint(len(labels)) + labels + b"\x12" + varint(len(entry)) + entry
    return b"\x0a" + varint(len(stream)) + stream


def query_cases():
    selector = '{app="good"}'
    return [
        query_case("no query", "query_range", {}, 400, "parse error"),
        query_case("broken query", "query_range", {"query": '{app="good"'}, 400, "parse error"),
        query_case("unknown stage", "query_range", {"query": selector + " | nonsense ="}, 400,
                   "parse error"),
        query_case("bad regex", "query_range", {"query": '{app=~"a("}'}, 400, "parse error"),
        query_case("only empty matchers", "query_range", {"query": '{app=~".*"}'}, 400,
                   "queries require at least one regexp or equality matcher that does not have an "
                   'empty-compatible value. For instance, app=~".*" does not meet this '
                   'requirement, but app=~".+" will'),
        query_case("deep query", "query_range", {"query": "(" * 50_000}, 400, "parse error"),
        query_case("bad start", "query_range", {"query": selector, "start": "zz"}, 400,
                   "could not parse 'start' parameter: strconv.ParseInt: parsing \"zz\": "
                   "invalid syntax"),
        query_case("bad end", "query_range", {"query": selector, "end": "zz"}, 400,
                   "could not parse 'end' parameter: strconv.ParseInt: parsing \"zz\": "
                   "invalid syntax"),
        query_case("bad since", "query_range", {"query": selector, "since": "zz"}, 400,
                   "could not parse 'since' parameter: not a valid duration string: \"zz\""),
        query_case("end before start", "query_range",
                   {"query": selector, "start": NOW, "end": NOW - 1}, 400,
                   "end timestamp must not be before or equal to start time"),
        query_case("limit of zero", "query_range", {"query": selector, "limit": 0}, 400,
                   "limit must be a positive value"),
        query_case("limit that is no number", "query_range", {"query": selector, "limit": "abc"},
                   400, 'strconv.Atoi: parsing "abc": invalid syntax'),
        query_case("limit too high", "query_range", {"query": selector, "limit": 5001}, 400,
                   "max entries limit per query exceeded, limit > max_entries_limit_per_query "
                   "(5001 > 5000)"),
        query_case("bad direction", "query_range", {"query": selector, "direction": "up"}, 400,
                   "invalid direction 'up'"),
        query_case("bad step", "query_range", {"query": selector, "step": "zz"}, 400,
                   'cannot parse "zz" to a valid duration'),
        query_case("step of zero", "query_range", {"query": selector, "step": 0}, 400,
                   "zero or negative query resolution step widths are not accepted. "
                   "Try a positive integer"),
        query_case("too many steps", "query_range",
                   {"query": f"rate({selector}[1m])", "start": NOW - DAY, "end": NOW, "step": 1},
                   400, "exceeded maximum resolution of 11,000 points per time series."),
        query_case("long range", "query_range",
                   {"query": selector, "start": NOW - 40 * DAY, "end": NOW}, 400,
                   "the query time range exceeds the limit (query length: 960h0m0s, "
                   "limit: 30d1h)"),
        query_case("instant log query", "query", {"query": selector}, 400,
                   "log queries are not supported as an instant query type, please change your "
                   "query to a range query type"),
        query_case("series with a pipeline", "series", {"match[]": selector + ' |= "x"'}, 400,
                   "only label matchers are supported"),
        query_case("values with a pipeline", "label/app/values", {"query": selector + ' |= "x"'},
                   400, "only label matchers are supported"),
        query_case("bad time", "query", {"query": "vector(1)", "time": "zz"}, 400,
                   'strconv.ParseInt: parsing "zz": invalid syntax'),
        query_case("bad interval", "query_range", {"query": selector, "interval": -1}, 400,
                   "interval must be >= 0"),
        query_case("bad aggregation", "index/volume", {"query": selector, "aggregateBy": "zz"}, 400,
                   "invalid aggregation option"),
        query_case("unparsable lines in a metric query", "query",
                   {"query": f"rate({selector} | json [1h])", "time": NOW + NANOSECONDS}, 400,
                   "pipeline error: 'JSONParserErr' for series: '{__error__=\"JSONParserErr\", ",
                   "Use a label filter to intentionally skip this error."),
    ]


def otlp_cases():
    """Errors of /otlp come as a google.rpc.Status message."""
    def case(name, body, headers, status, text):
        return Case(name, "POST", "/otlp/v1/logs", body, headers, status, [text])

    return [
        case("OTLP of another type", b"{}", {"Content-Type": "text/plain"}, 400,
             "content type: text/plain is not supported"),
        case("OTLP without records", b"{}", JSON, 422,
             "error at least one valid stream is required for ingestion"),
        case("broken OTLP protobuf", b"\xff\xff", PROTOBUF, 400, "unexpected EOF"),
        case("OTLP encoding", b"{}", {**JSON, "Content-Encoding": "deflate"}, 400,
             "unsupported content encoding deflate: only gzip, lz4 and zstd are supported"),
    ]


def routing_cases():
    return [
        Case("unknown path", "GET", "/loki/api/v1/nothing", None, {}, 404,
             ["404 page not found\n"]),
        Case("trailing slash", "GET", "/loki/api/v1/labels/", None, {}, 404, []),
        Case("push by GET", "GET", PUSH, None, {}, 405, []),
        Case("labels by DELETE", "DELETE", "/loki/api/v1/labels", None, {}, 405, []),
        Case("delete without a query", "POST", "/loki/api/v1/delete", b"", {}, 400,
             ["query not set"]),
    ]


def check_case(server, case):
    with Client(server.port) as client:
        response = client.request(case.method, case.path, case.body, case.headers)
    body = response.body.decode(errors="replace")
    check_equal(response.status, case.status, f"{case.name}: status (body {body[:300]!r})")
    for text in case.texts:
        check(text in body, f"{case.name}: the body lacks {text!r}: {body[:600]!r}")
    if case.texts and case.status in (400, 422):
        otlp = case.path.startswith("/otlp")
        check_equal(response.headers.get("Content-Type"),
                    "application/octet-stream" if otlp else "text/plain; charset=utf-8",
                    f"{case.name}: content type")
    check_serving(server, case.name)


def check_serving(server, after):
    with Client(server.port) as client:
        response = client.push_json([GOOD_STREAM])
        check_equal(response.status, 204, f"a good push after '{after}'")
        check_equal(client.count('{app="good"}', NOW + NANOSECONDS), 1, f"count after '{after}'")


def check_compressed_forms(server):
    """What is not an error must not be refused: every encoding that clients send."""
    body = encode_json_push([GOOD_STREAM])
    raw_deflate = zlib.compressobj(wbits=-15)
    deflated = raw_deflate.compress(body) + raw_deflate.flush()
    snappy = snappy_literal(encode_protobuf_push([GOOD_STREAM]))
    forms = [("gzip JSON", gzip.compress(body), {**JSON, "Content-Encoding": "gzip"}),
             ("deflate JSON", deflated, {**JSON, "Content-Encoding": "deflate"}),
             ("JSON with a charset", body, {"Content-Type": "application/json; charset=utf-8"}),
             ("snappy named", snappy, {**PROTOBUF, "Content-Encoding": "snappy"}),
             ("gzip over snappy", gzip.compress(snappy), {**PROTOBUF, "Content-Encoding": "gzip"})]
    for name, data, headers in forms:
        with Client(server.port) as client:
            response = client.request("POST", PUSH, data, headers)
        check_equal(response.status, 204, f"{name} ({response.body!r})")
    check_serving(server, "compressed forms")
    report(f"{len(forms)} accepted forms of a push")


def check_partial_success(server):
    """Valid entries beside invalid ones are stored although the reply is a 400."""
    entries = [(NOW - 8 * DAY, "too old"), (NOW, "stored beside a refusal")]
    with Client(server.port) as client:
        response = client.push_json([({"app": "partial"}, entries)])
        check_equal(response.status, 400, "partial success: status")
        rows = client.rows('{app="partial"}', NOW - NANOSECONDS, NOW + NANOSECONDS)
    check_equal([row.line for row in rows], [entries[1][1]], "partial success: stored rows")
    report("a partial success stores its valid rows")


def check_oversized_body(server):
    """A body above 100 MiB is refused, at the latest when that much of it has arrived."""
    size = 200 << 20
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"POST {PUSH} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n"
                           "Content-Type: application/x-protobuf\r\n\r\n".encode())
        send_until_answered(connection, size)
        status = connection.recv(4096).split(b"\r\n", 1)[0].decode()
    check(" 413 " in status, f"oversized body: {status!r}")
    check_serving(server, "oversized body")
    report("an oversized body is refused with 413")


def send_until_answered(connection, size):
    """Sends `size` bytes, but stops as soon as the other side has said something."""
    piece = b" " * (1 << 20)
    for _ in range(size // len(piece)):
        if select.select([connection], [], [], 0)[0]:
            return
        try:
            connection.sendall(piece)
        except OSError:
            return  # the server has answered and hung up


def check_broken_http(server):
    """Bytes that are no HTTP, and connections that stop midway, harm nobody."""
    broken = [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"A" * 100_000,
              b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
              b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
              b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz"]
    for data in broken:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
            try:
                connection.sendall(data)
            except OSError:
                pass  # the server may hang up first
        check_serving(server, f"raw bytes {data[:20]!r}")
    report(f"{len(broken)} kinds of broken HTTP survived")


def run(binary):
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.start()
        cases = (transport_cases() + json_cases() + validation_cases() + query_cases()
                 + otlp_cases() + routing_cases())
        for case in cases:
            check_case(server, case)
        report(f"{len(cases)} bad requests answered as Loki answers them")
        check_compressed_forms(server)
        check_partial_success(server)
        check_oversized_body(server)
        check_broken_http(server)
        check_equal(server.terminate(), 0, "exit code after SIGTERM")


if __name__ == "__main__":
    run_test(run, sys.argv[1])
