"""Sends what a hostile client would: bombs, depths, explosions, slowness, smuggled requests, paths.

Each attack has a limit that it must meet: a status, a time, or a hang-up. After each the server must
answer an honest push and query, and in the end its memory must have stayed near what it was given.
"""

import concurrent.futures
import gzip
import json
import os
import pathlib
import re
import select
import socket
import sys
import time
import urllib.parse
import zlib

from harness import (NANOSECONDS, SANITIZED, Server, TemporaryDirectory, check, check_equal,
                     encode_json_push, encode_protobuf_push, report, run_test, snappy_literal,
                     varint)

MEMORY_LIMIT_MIB = 256
# Beside what is counted there are the program itself, its libraries and the allocator's slack.
MEMORY_SLACK_MIB = 128
BOMB_MIB = 300
TIMEOUT_SECONDS = 2  # of the server, for reading and for writing
PUSH = "/loki/api/v1/push"
OTLP = "/otlp/v1/logs"
JSON = {"Content-Type": "application/json"}
PROTOBUF = {"Content-Type": "application/x-protobuf"}
OTLP_GZIP = {**PROTOBUF, "Content-Encoding": "gzip"}
NOW = time.time_ns()
GOOD = [({"app": "good"}, [(NOW, "a good line")])]
REFUSED = {400, 413, 422, 429}


def check_serving(server, after):
    with server.client() as client:
        check_equal(client.push_json(GOOD).status, 204, f"a good push after {after}")
        check_equal(client.count('{app="good"}', NOW + NANOSECONDS), 1, f"count after {after}")


def attack(server, name, method, path, body=None, headers=None, statuses=frozenset(REFUSED),
           seconds=20):
    """Sends one request, which must be answered by one of `statuses` within `seconds`."""
    began = time.monotonic()
    with server.client(timeout=seconds) as client:
        try:
            response = client.request(method, path, body, headers)
        except OSError as error:
            raise AssertionError(f"{name}: no answer within {seconds} seconds: {error}") from error
    check(response.status in statuses,
          f"{name}: status {response.status}, not {sorted(statuses)}: {response.body[:300]!r}")
    check_serving(server, name)
    return time.monotonic() - began


# --- Bodies ---------------------------------------------------------------------------------------


def gzip_zeros(mebibytes):
    """A gzip body that swells to so many MiB."""
    pack = zlib.compressobj(9, wbits=31)
    piece = bytes(1 << 20)
    return b"".join(pack.compress(piece) for _ in range(mebibytes)) + pack.flush()


def raw_deflate(data):
    pack = zlib.compressobj(9, wbits=-15)
    return pack.compress(data) + pack.flush()


def snappy_bomb(mebibytes):
    """A snappy block of a literal byte and copies of what came before it."""
    size = mebibytes << 20
    copies = (size - 1) // 64
    return varint(1 + 64 * copies) + b"\x00\x0a" + b"\xfe\x01\x00" * copies


def snappy_repeat(head, piece, size, tail):
    """A snappy block of `head`, `piece` again and again for `size` bytes, and `tail`."""
    size -= size % len(piece)
    block = bytearray(varint(len(head) + size + len(tail)))

    def literal(data):
        block.extend(bytes([61 << 2]) + (len(data) - 1).to_bytes(2, "little") + data)

    literal(head + piece)
    copy = b"\xfe" + len(piece).to_bytes(2, "little")
    left = size - len(piece)
    block.extend(copy * (left // 64))
    if left % 64:
        literal((piece * 64)[:left % 64])
    literal(tail)
    return bytes(block)


def long_label_text(head, piece, size, tail):
    """A push of one entry to a stream whose label text is that, in a block of snappy."""
    empty = encode_protobuf_push([("", [(NOW, "x")])])
    entry = empty[empty.index(b"\x12"):]
    labels = len(head) + size - size % len(piece) + len(tail)
    stream = b"\x0a" + varint(labels)
    length = len(stream) + labels + len(entry)
    return snappy_repeat(b"\x0a" + varint(length) + stream + head, piece, size, tail + entry)


def otlp_record(fields):
    """An OTLP body of one record with these fields, as gzip."""
    for number in (b"\x12", b"\x12", b"\x0a"):
        fields = number + varint(len(fields)) + fields
    return gzip.compress(fields, 1)


def otlp_map(pairs):
    """The body of a record: a map of so many empty pairs."""
    value = b"\x0a\x00" * pairs
    value = b"\x32" + varint(len(value)) + value
    return otlp_record(b"\x2a" + varint(len(value)) + value)


def otlp_controls(size):
    """The body of a record: a list of a string of control characters."""
    value = bytes([1]) * size
    for tag in (b"\x0a", b"\x0a", b"\x2a", b"\x2a"):
        value = tag + varint(len(value)) + value
    return otlp_record(value)


def zstd_claim(size):
    """The head of a zstd frame that states its content's size, and nothing behind it."""
    return b"\x28\xb5\x2f\xfd\xe0" + size.to_bytes(8, "little") + b"\x01\x00\x00"


def bomb_cases():
    bomb = gzip_zeros(BOMB_MIB)
    encoded = {**JSON, "Content-Encoding": "gzip"}
    return [
        ("a gzip bomb", PUSH, bomb, encoded),
        ("a gzip bomb in gzip", PUSH, gzip.compress(bomb), encoded),
        ("a deflate bomb", PUSH, raw_deflate(bytes(BOMB_MIB << 20)),
         {**JSON, "Content-Encoding": "deflate"}),
        ("deflate in deflate", PUSH, raw_deflate(raw_deflate(bytes(1 << 24))),
         {**JSON, "Content-Encoding": "deflate, deflate"}),
        ("a snappy bomb", PUSH, snappy_bomb(BOMB_MIB), PROTOBUF),
        ("snappy that claims 4 GiB", PUSH, varint((1 << 32) - 1) + b"\x00a", PROTOBUF),
        ("zstd that claims 1 EiB", OTLP, zstd_claim(1 << 60),
         {**PROTOBUF, "Content-Encoding": "zstd"}),
        ("an OTLP gzip bomb", OTLP, bomb, {**PROTOBUF, "Content-Encoding": "gzip"}),
    ]


def stream(labels, line="x"):
    return {"stream": labels, "values": [[str(NOW), line]]}


def nested_any_value(depth):
    """An OTLP body (JSON) whose log record's body is a list in a list in a list…"""
    value = '{"arrayValue":{"values":[' * depth + '{"stringValue":"x"}' + "]}}" * depth
    return ('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"%d","body":%s}]}]}]}'
            % (NOW, value)).encode()


def deep_protobuf(depth):
    """An OTLP body (protobuf) of the same shape."""
    value = b"\x0a\x01x"
    for _ in range(depth):
        if len(value) > 1 << 20:
            break
        inner = b"\x0a" + varint(len(value)) + value
        value = b"\x2a" + varint(len(inner)) + inner
    record = b"\x2a" + varint(len(value)) + value
    for number in (b"\x12", b"\x12", b"\x0a"):
        record = number + varint(len(record)) + record
    return record


def body_cases():
    many_names = {f"l{n}": "x" for n in range(1_000_000)}
    one_each = [stream({f"n{n}": "x"}) for n in range(300_000)]
    return [
        ("deep JSON", PUSH, b"[" * 5_000_000, JSON),
        ("deep JSON objects", PUSH, b'{"streams":' * 1_000_000, JSON),
        ("deep metadata", PUSH, b'{"streams":[{"stream":{"a":"b"},"values":[["1","x",'
         + b'{"a":' * 1_000_000, JSON),
        ("deep OTLP JSON", OTLP, nested_any_value(100_000), JSON),
        ("deep OTLP protobuf", OTLP, deep_protobuf(100_000), PROTOBUF),
        ("a label name of 10 MB", PUSH, encode_json_push([({"l" * 10_000_000: "x"}, [(NOW, "x")])]),
         JSON),
        ("a label value of 10 MB", PUSH,
         encode_json_push([({"l": "x" * 10_000_000}, [(NOW, "x")])]), JSON),
        ("a label value of 10 MB in protobuf", PUSH,
         snappy_literal(encode_protobuf_push([({"l": "x" * 10_000_000}, [(NOW, "x")])])),
         PROTOBUF),
        ("40 MB of empty names", PUSH, long_label_text(b"{", b'"",', 40_000_000, b"}"), PROTOBUF),
        ("a label value of 40 MB that swells", PUSH,
         long_label_text(b'{a="', b"\x01", 40_000_000, b'"}'), PROTOBUF),
        ("an identifier of 55 MB", PUSH, long_label_text(b"foo ", b"b", 55_000_000, b"b"), PROTOBUF),
        ("a number of 55 MB", PUSH, long_label_text(b"{} ", b"5", 55_000_000, b"s"), PROTOBUF),
        ("an OTLP map of 10 million empty pairs", OTLP, otlp_map(10_000_000), OTLP_GZIP),
        ("an OTLP string that swells", OTLP, otlp_controls(30_000_000), OTLP_GZIP),
        ("five million OTLP attributes", OTLP, otlp_record(b"\x32\x03\x0a\x01a" * 5_000_000),
         OTLP_GZIP),
        ("many empty label names in JSON", PUSH,
         gzip.compress(b'{"streams":[{"stream":{' + b'"":1,' * 1_500_000 + b'"a":1}}]}', 1),
         {**JSON, "Content-Encoding": "gzip"}),
        ("a million label names in a stream", PUSH,
         json.dumps({"streams": [stream(many_names)]}).encode(), JSON),
        ("300,000 streams with a label name each", PUSH,
         json.dumps({"streams": one_each}).encode(), JSON),
        ("a line of 50 MB", PUSH, json.dumps({"streams": [stream({"a": "b"}, "x" * 50_000_000)]})
         .encode(), JSON),
        ("a number beyond reason", PUSH, b'{"streams":[{"stream":{},"values":[[%s,"x"]]}]}'
         % (b"9" * 1_000_000), JSON),
    ]


def many_metadata_names(entries, names):
    """Names of structured metadata, all of them different, as many an entry as are allowed."""
    values = [[str(NOW + i), "x", {f"m{i * names + n}": "y" for n in range(names)}]
              for i in range(entries)]
    return json.dumps({"streams": [{"stream": {"app": "names"}, "values": values}]}).encode()


def odd_cases():
    """What may be stored, as long as that stays bounded."""
    labels = ", ".join(f'"l{n}"="x"' for n in range(1_000_000))
    return [
        ("a million names of metadata", PUSH, many_metadata_names(10_000, 100), JSON),
        ("a million label names in protobuf", PUSH,
         snappy_literal(encode_protobuf_push([("{" + labels + "}", [(NOW, "x")])])), PROTOBUF),
        ("label names that need quotes", PUSH, snappy_literal(encode_protobuf_push(
            [(f'{{"a=\\"1\\", {n}"="x"}}', [(NOW, "x")]) for n in range(1000)])), PROTOBUF),
        ("deep JSON in lines", PUSH, json.dumps({"streams": [
            {"stream": {"app": "deep"}, "values": [[str(NOW + i), line] for i, line in enumerate(
                ['{"a":' * 30_000 + "1" + "}" * 30_000, "[" * 200_000, '{"a":' * 50_000])]}]})
         .encode(), JSON),
    ]


def check_bodies(server):
    cases = bomb_cases() + body_cases()
    for name, path, body, headers in cases:
        attack(server, name, "POST", path, body, headers)
    odd = odd_cases()
    for name, path, body, headers in odd:
        attack(server, name, "POST", path, body, headers, {204, *REFUSED})
    attack(server, "a flush of all that", "POST", "/flush", statuses={204})
    report(f"{len(cases) + len(odd)} bodies: bombs, depths, giants")


def check_stored_oddities(server):
    """Queries over what was stored of those bodies."""
    paths = [ask("query_range", query=query, start=NOW, end=NOW + NANOSECONDS, limit=5000)
             for query in ('{app="deep"} | json', '{app="deep"} | json x="a.a.a.a"',
                           '{app="deep"} | unpack', '{app="deep"} | logfmt | json | unpack',
                           '{app="names"} | m77="y"', 'sum by (m77) (rate({app="names"}[1m]))')]
    paths += [ask(endpoint, query=f'{{app="{app}"}}', start=NOW, end=NOW + NANOSECONDS)
              for endpoint in ("detected_fields", "index/volume", "patterns", "detected_labels")
              for app in ("deep", "names")]
    for path in paths:
        attack(server, path[:60], "GET", path, statuses={200, *REFUSED})
    report(f"{len(paths)} queries over a million names and deep lines")


# --- Bodies whose rows are far larger -------------------------------------------------------------


def otlp_records(count, attribute, severities):
    """Records without a body under a resource with a long attribute."""
    records = [{"timeUnixNano": str(NOW + n), "severityNumber": severities[n % len(severities)]}
               for n in range(count)]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "long"}},
                               {"key": "attribute", "value": {"stringValue": attribute}}]}
    return json.dumps({"resourceLogs": [{"resource": resource,
                                         "scopeLogs": [{"logRecords": records}]}]}).encode()


def check_expanding_bodies(server):
    """A long text that many rows have in common is stored once, or the push is refused."""
    attribute = "a" * 60_000
    rows, labels = 250_000, {"app": "level", "level": "v" * 2048}
    message = encode_protobuf_push([(labels, [(NOW + n, "") for n in range(rows)])])
    cases = [
        ("one attribute of 5,000 records", OTLP, otlp_records(5000, attribute, [1]), JSON, 204),
        ("one level of 250,000 rows", PUSH, snappy_literal(message), PROTOBUF, 204),
        ("an attribute and turns of levels", OTLP, otlp_records(5000, attribute, [1, 9]), JSON,
         413),
    ]
    for name, path, body, headers, status in cases:
        attack(server, name, "POST", path, body, headers, {status})
    check_memory(server)
    server.kill()
    server.start()
    with server.client() as client:
        for selector, count in (('{service_name="long"}', 5000), ('{app="level"}', rows)):
            check_equal(client.count(selector, NOW + NANOSECONDS), count,
                        f"rows of {selector} after a restart")
    check_memory(server)
    report(f"{len(cases)} bodies whose rows are far larger, and a restart")


# --- Queries --------------------------------------------------------------------------------------


def ask(endpoint, **parameters):
    return f"/loki/api/v1/{endpoint}?{urllib.parse.urlencode(parameters)}"


def hostile_regexes():
    return ["(" * 1000 + "a" + ")" * 1000, "(a{1000}){1000}", "((((a{30}){30}){30}){30}){30}",
            "(x+x+)+y", "(.*)*" * 1000, "[^" + "a-z" * 30_000 + "]", "(?i)" * 30_000,
            ".{1000}.{1000}.{1000}", "|".join(f"a{n}.*b" for n in range(10_000)), "\\pL{900}" * 100]


def check_regexes(server):
    """A regex is refused, or matched in time that grows with the text alone."""
    text = "x" * 200_000
    with server.client() as client:
        pushed = client.push_json([({"app": "regex"}, [(NOW, text)])])
        check_equal(pushed.status, 204, "a line to match")
    for regex in hostile_regexes():
        quoted = json.dumps(regex)
        for query in ('{app=~%s}' % quoted, '{app="regex"} |~ %s' % quoted,
                      '{app="regex"} | regexp %s' % json.dumps(f"(?P<a>{regex})"),
                      '{app="regex"} | line_format `{{ regexReplaceAll %s __line__ "y" }}`'
                      % quoted):
            if len(query) > 100_000:
                continue
            attack(server, f"the regex {regex[:30]}", "POST", "/loki/api/v1/query_range",
                   urllib.parse.urlencode({"query": query, "limit": 10}).encode(),
                   {"Content-Type": "application/x-www-form-urlencoded"}, {200, *REFUSED})
    for name, filters in (("label", ' | x=~"(?i)[^a]{900}"'), ("line", ' |~ "(?i)[^a]{900}"')):
        query = '{app="regex"}' + "".join(filters.replace("a]", f"{chr(97 + n % 26)}]").replace(
            "900", str(900 + n)) for n in range(99))
        endpoints = ["query_range", "format_query"] if name == "label" else ["query_range"]
        for endpoint in endpoints:
            attack(server, f"99 large regexes of {name} filters in {endpoint}", "GET",
                   ask(endpoint, query=query), statuses={400})
    report(f"{len(hostile_regexes())} regexes in four places, and 99 large ones together")


def hostile_templates():
    loop = "{{ range $i, $e := (splitList `,` (repeat 100000 `a,`)) }}%s{{ end }}"
    return ['{{ repeat 1000000000 "x" }}', '{{ repeat 1000000 (repeat 1000000 "x") }}',
            '{{ printf "%1000000000d" 1 }}', '{{ printf "%.1000000000f" 1.0 }}',
            loop % (loop % (loop % "x")), '{{ define "a" }}{{ template "a" }}{{ end }}'
            '{{ template "a" }}', "{{ if true }}" * 10_000 + "{{ end }}" * 10_000,
            '{{ indent 1000000000 "x" }}', "{{ " + "(" * 50_000 + " }}",
            "{{ alignLeft 1000000000 __line__ }}"]


def check_templates(server):
    for template in hostile_templates():
        query = '{app="good"} | line_format `%s`' % template.replace("`", '"')
        if len(query) > 100_000:
            query = query[:100_000]
        attack(server, f"the template {template[:40]}", "POST", "/loki/api/v1/query_range",
               urllib.parse.urlencode({"query": query, "limit": 10}).encode(),
               {"Content-Type": "application/x-www-form-urlencoded"}, {200, *REFUSED})
    report(f"{len(hostile_templates())} templates")


def check_queries(server):
    good = '{app="good"}'
    day = 86400 * NANOSECONDS
    refused = [
        ("10^9 points", ask("query_range", query=f"rate({good}[1m])", start=NOW - 10 * day, end=NOW,
                            step="0.000864")),
        ("10^9 points of a literal", ask("query_range", query="1", start=0, end=NOW, step="1s")),
        ("a hundred years", ask("query_range", query=good, start=0, end=NOW + 36500 * day)),
        ("a step of a nanosecond", ask("query_range", query=f"rate({good}[1m])", start=NOW - day,
                                       end=NOW, step="0.000000001")),
        ("a limit beyond reason", ask("query_range", query=good, limit=10**9)),
        ("a number beyond 64 bits", ask("query_range", query=good, limit="9" * 100)),
        ("a query of 100 KB of brackets", ask("query", query="(" * 50_000 + "1" + ")" * 50_000)),
        ("a query of 100,000 operators", ask("query", query="1+" * 50_000 + "1")),
        ("a window of a century", ask("query", query=f"rate({good}[876000h])" + "x" * 10)),
    ]
    for name, path in refused:
        attack(server, name, "GET", path)
    bounded = [
        ("11,000 points of a window", ask("query_range", query=f"quantile_over_time(0.9, {good} | "
                                          "logfmt | unwrap x [1d])", start=NOW - 10_999 * NANOSECONDS,
                                          end=NOW, step="1s")),
        ("a topk beyond reason", ask("query", query=f"topk(1000000000, rate({good}[1m]))")),
        ("an offset beyond time", ask("query", query=f"rate({good}[1m] offset 290y)")),
        ("a volume without bounds", ask("index/volume", query='{app=~".+"}', limit=10**9, start=0,
                                        end=NOW)),
    ]
    for name, path in bounded:
        attack(server, name, "GET", path, statuses={200, *REFUSED})
    forms = [
        ("five million parameters", "labels", b"a&" * 5_000_000),
        ("300,000 selectors", "series",
         b"&".join(b'match[]={a%%3D~"[a-f]%d"}' % n for n in range(300_000))),
        ("100 selectors with large regexes", "series",
         b"&".join(b'match[]={a%%3D~"(?i)[^a]{%d}"}' % (900 - n) for n in range(100))),
    ]
    for name, endpoint, form in forms:
        attack(server, name, "POST", f"/loki/api/v1/{endpoint}", form,
               {"Content-Type": "application/x-www-form-urlencoded"})
    report(f"{len(refused) + len(bounded) + len(forms)} queries that ask for too much")


def multiplying_queries():
    """Short queries that ask for much more than their length."""
    tenfold = 'label_replace(%s, "a", "' + "$1" * 1000 + '", "a", "(.*)")'
    one = 'label_replace(vector(1), "a", "xxxxxxxxxx", "", "")'
    alike = " or ".join('label_replace(vector(1), "a", "%d", "", "")' % n for n in range(400))
    ids = " ".join('!~ "[0-7][0-9a-f]{%d}[g-z]"' % (10 + n % 20) for n in range(100))
    return [
        ("a label that grows a thousandfold thrice", tenfold % (tenfold % (tenfold % one))),
        ("400 series that become one", f'label_replace(({alike}), "a", "", "a", ".*")'),
        ("2,000 vectors", " or ".join(f"vector({n})" for n in range(2000))),
        ("vectors within vectors", "vector(1)^(" * 400 + "vector(1)" + ")" * 400),
        ("300 variants of a long pipeline", "variants("
         + ", ".join(['rate({a="b"}[1m])'] * 300) + ') of ({a="b"}' + '|="a"' * 10_000 + "[1m])"),
        ("100 regexes over ids", f'{{app="ids"}} {ids}'),
        ("10,000 small regexes", '{app="ids"}' + '|~"[ab]"' * 10_000),
    ]


def check_multiplying_queries(server):
    lines = [(NOW + n, "".join(f"{(n * 7919 + k) * 0x9E3779B97F4A7C15 % 2**64:016x}"
                               for k in range(100))) for n in range(100)]
    with server.client() as client:
        check_equal(client.push_json([({"app": "ids"}, lines)]).status, 204, "lines of ids")
    queries = multiplying_queries()
    for name, query in queries:
        form = {"query": query, "start": NOW - 10_999 * NANOSECONDS, "end": NOW + NANOSECONDS,
                "step": "1s"}
        attack(server, name, "POST", "/loki/api/v1/query_range",
               urllib.parse.urlencode(form).encode(),
               {"Content-Type": "application/x-www-form-urlencoded"}, {200, 504, *REFUSED},
               seconds=70)
    report(f"{len(queries)} queries that multiply")


def check_times(server):
    """The first and the last moments of 64 bits, wherever a time or a length of time is taken."""
    first, last, apart = -2**63, 2**63 - 1, 807
    ranges = [(first, first + apart), (last - apart, last), (-apart, apart), (first, last),
              (last, last), (0, last)]
    steps = ["0.000000001", "1", "9223372036.854775", "9223372036", "292y"]
    good = '{app="good"}'
    queries = [good, f"rate({good}[1m])", f"sum(count_over_time({good}[290y] offset 290y))",
               f"quantile_over_time(0.5, {good} | logfmt | unwrap x [290y] offset -290y)",
               'absent_over_time({app="none"}[292y])']
    paths = [ask("query_range", query=query, start=start, end=end, step=step, interval=step)
             for query in queries for start, end in ranges for step in steps]
    paths += [ask(endpoint, query=good, start=start, end=end, step=step, targetLabels="app")
              for endpoint in ("index/volume_range", "patterns")
              for start, end in ranges for step in steps]
    paths += [ask(endpoint, query=good, start=start, end=end)
              for endpoint in ("index/volume", "index/stats", "labels", "series", "detected_labels",
                               "detected_fields", "label/app/values")
              for start, end in ranges]
    paths += [ask("query", query=query, time=time) for query in queries[1:]
              for time in (first, -1, 0, last)]
    paths += [ask("labels", end=end, since=since) for end in (first, last)
              for since in ("292y", "1ms")]
    with server.client(timeout=20) as client:
        for path in paths:
            response = client.request("GET", path)
            check(response.status in {200, *REFUSED},
                  f"{urllib.parse.unquote_plus(path)}: {response.status} {response.body[:200]!r}")
    check_serving(server, "the ends of time")
    report(f"{len(paths)} queries at the ends of time")


def check_query_queue(server):
    """Many queries at once wait for each other; none is turned away."""
    path = ask("query_range", query='sum(rate({app=~".+"} |~ "x.*y" [1m]))', start=NOW - 3600
               * NANOSECONDS, end=NOW, step="1s")

    def query(_):
        with server.client() as client:
            return client.request("GET", path).status

    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        statuses = list(pool.map(query, range(100)))
    check_equal(set(statuses), {200}, "statuses of 100 queries at once")
    report("100 queries at once were all answered")


# --- Connections ----------------------------------------------------------------------------------


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def wait_for_hang_up(connections, what):
    """Demands that the server ends all these connections, whatever it says before."""
    waiting = set(connections)
    deadline = time.monotonic() + 10 * TIMEOUT_SECONDS
    while waiting:
        check(time.monotonic() < deadline, f"{what}: {len(waiting)} connections still open")
        for connection in select.select(list(waiting), [], [], 0.1)[0]:
            try:
                ended = not connection.recv(65536)
            except OSError:
                ended = True
            if ended:
                waiting.discard(connection)
                connection.close()


def check_slow_senders(server):
    """Clients that take for ever over a head or a body are hung up on, and cost little."""
    starts = {
        "nothing at all": b"",
        "half a head": b"GET /ready HTTP/1.1\r\nHost: x\r\nX-a: b\r\n",
        "half a body": b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: "
                       b"application/json\r\nContent-Length: 1000000\r\n\r\n{",
        "half a chunk": b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: "
                        b"application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
    }
    for name, start in starts.items():
        # Each body of unknown length holds some of the memory for bodies while it is awaited.
        count = 40 if name == "half a chunk" else 200
        connections = [connect(server) for _ in range(count)]
        for connection in connections:
            connection.sendall(start)
        check_serving(server, f"{count} clients that send {name}")
        for _ in range(5):  # a byte now and then wins no time
            time.sleep(0.1)
            for connection in connections if start else []:
                try:
                    connection.sendall(b"a")
                except OSError:
                    pass
        wait_for_hang_up(connections, name)
    report(f"{len(starts)} kinds of slow senders, up to 200 of each")


def check_slow_reader(server):
    """A client that does not read its answer is hung up on, and its answer's memory is free."""
    with server.client() as client:
        for first in range(0, 1500, 300):
            lines = [(NOW + n, "x" * 20_000) for n in range(first, first + 300)]
            check_equal(client.push_json([({"app": "long"}, lines)]).status, 204, "long lines")
    path = ask("query_range", query='{app="long"}', start=NOW, end=NOW + NANOSECONDS, limit=5000)
    with connect(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        check(connection.recv(20).startswith(b"HTTP/1.1 200 OK"), "the answer that is not read")
        check_serving(server, "a client that does not read")
        deadline = time.monotonic() + 15 * TIMEOUT_SECONDS
        while established(server.port) > 0:
            check(time.monotonic() < deadline, "the connection of who does not read stays open")
            time.sleep(0.1)
    report("a client that does not read is hung up on")


def established(port):
    """How many connections to the port the kernel counts as established on the server's side."""
    local = f"0100007F:{port:04X}"
    rows = [row.split() for row in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for row in rows if row[1] == local and row[3] == "01")


def check_smuggling(server):
    """A request whose end can be seen in two places is refused, and what follows it not served."""
    hidden = b"GET /loki/api/v1/status/buildinfo HTTP/1.1\r\nHost: x\r\n\r\n"
    start = b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    shapes = [b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
              b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
              b"Content-Length: 0, 44\r\n\r\n", b"Content-Length: +0\r\n\r\n",
              b"Transfer-Encoding: xchunked\r\n\r\n", b"Transfer-Encoding: identity\r\n\r\n",
              b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
              b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
              b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
              b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              b"X: y\rContent-Length: 5\r\n\r\n", b"Content-Length: 0\r\n\n",
              b"Transfer-Encoding: chunked\r\n\r\n0\n\n",
              b"Transfer-Encoding: chunked\r\n\r\n0;x\ny\r\n\r\n",
              b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n"]
    for shape in shapes:
        with connect(server) as connection:
            connection.sendall(start + shape + hidden)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        check_equal(answer.count(b"HTTP/1."), 1, f"answers to {shape!r}: {answer!r}")
        check(re.match(rb"HTTP/1\.1 (400|501) ", answer), f"{shape!r}: {answer!r}")
    check_serving(server, "smuggling")
    report(f"{len(shapes)} shapes of smuggling refused")


def connect_with_head(server, head):
    """A connection that has been answered; tried again where the machine is too busy to send."""
    for _ in range(5):
        connection = connect(server)
        try:
            connection.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n")
            if connection.recv(100).startswith(b"HTTP/1.1 200"):
                return connection
        except OSError:
            pass
        connection.close()
    raise AssertionError("no answer to a long head")


def check_idle_connections(server):
    connections = [connect(server) for _ in range(500)]
    check_serving(server, "500 idle connections")
    for connection in connections:
        connection.close()
    head = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 60_000) for n in range(15))
    connections = [connect_with_head(server, head) for _ in range(300)]
    check_serving(server, "300 idle connections that had sent long heads")
    for connection in connections:
        connection.close()
    report("800 idle connections")


# --- Names ----------------------------------------------------------------------------------------


def check_paths(server):
    """No path is built from what a client says; what is no tenant is refused."""
    for name in ("..", ".", "../../etc", "a/../b", "/etc/passwd", "a\\b", "%2e%2e%2f", "a\x7fb",
                 "x" * 151, "a b", "..|..", "\u00e4".encode().decode("latin-1")):
        for path, method in ((PUSH, "POST"), ("/loki/api/v1/labels", "GET")):
            attack(server, f"the tenant {name[:20]!r}", method, path,
                   encode_json_push(GOOD) if method == "POST" else None,
                   {**JSON, "X-Scope-OrgID": name}, {400, 401})
    for path in ("/loki/api/v1/label/..%2f..%2f..%2fetc%2fpasswd/values", "/%2e%2e/%2e%2e/etc/passwd",
                 "/loki/api/v1/label/%00/values", "//etc/passwd", "/../../../../etc/passwd"):
        attack(server, f"the path {path}", "GET", path, headers={"X-Scope-OrgID": "a"},
               statuses={200, 301, 400, 404})
    report("paths in tenants and targets lead nowhere")


def check_data_directory(directory):
    """The server wrote into its own folder only, under names of its own making."""
    names = re.compile(r"[A-Za-z0-9_.\-]+")
    for path in directory.rglob("*"):
        check(names.fullmatch(path.name), f"a name that is not the server's own: {path}")
    stored = list((directory / "data" / "skald").rglob("*"))
    check(len(stored) > 3, f"nothing is stored in {directory}")
    for path in stored:
        mode = path.stat().st_mode & 0o077
        check(mode == 0, f"{path} can be used by others: {oct(path.stat().st_mode)}")
    report("the data directory holds the server's own names, for its user alone")


def check_tenants(binary, directory):
    flags = ["-auth.enabled=true"]
    with Server(binary, directory, arguments=flags) as server:
        original = server.client

        def client_of_tenant(timeout=30):
            return TenantClient(original(timeout))

        server.client = client_of_tenant
        server.start()
        check_paths(server)
        check_equal(server.terminate(), 0, "exit code after SIGTERM")


class TenantClient:
    """A client that names a tenant unless the request does."""

    def __init__(self, client):
        self._client = client
        self._request = client.request
        client.request = self.request

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def __getattr__(self, name):
        return getattr(self._client, name)

    def request(self, method, path, body=None, headers=None):
        return self._request(method, path, body, {"X-Scope-OrgID": "honest", **(headers or {})})


# --- Memory ---------------------------------------------------------------------------------------


def peak_mebibytes(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text).group(1)) // 1024


def check_memory(server):
    peak = peak_mebibytes(server.process)
    check(SANITIZED or peak <= MEMORY_LIMIT_MIB + MEMORY_SLACK_MIB,
          f"the server took {peak} MiB, with a limit of {MEMORY_LIMIT_MIB}")
    report(f"at most {peak} MiB of memory, with a limit of {MEMORY_LIMIT_MIB}")


def run(binary):
    flags = [f"-skald.memory-limit={MEMORY_LIMIT_MIB}MB",
             f"-server.http-read-timeout={TIMEOUT_SECONDS}s",
             f"-server.http-write-timeout={TIMEOUT_SECONDS}s"]
    with TemporaryDirectory() as directory:
        attacked = directory / "attacked"
        attacked.mkdir()
        with Server(binary, attacked, arguments=flags) as server:
            server.start()
            for test in (check_bodies, check_stored_oddities, check_queries, check_regexes,
                         check_templates, check_multiplying_queries, check_query_queue, check_slow_senders, check_slow_reader,
                         check_smuggling, check_idle_connections, check_memory):
                began = time.monotonic()
                test(server)
                if os.environ.get("SKALD_TEST_TIMES"):
                    report(f"  {test.__name__}: {time.monotonic() - began:.1f} s")
            check_equal(server.terminate(), 0, "exit code after SIGTERM")
        expanded = directory / "expanded"
        expanded.mkdir()
        with Server(binary, expanded, arguments=flags) as server:
            server.start()
            check_expanding_bodies(server)
            check_equal(server.terminate(), 0, "exit code after SIGTERM")
        times = directory / "times"
        times.mkdir()
        with Server(binary, times, arguments=["-store.max-query-length=0",
                                              "-pattern-ingester.enabled=true"]) as server:
            server.start()
            check_serving(server, "a start without a limit of length")
            check_times(server)
            check_equal(server.terminate(), 0, "exit code after SIGTERM")
        tenants = directory / "tenants"
        tenants.mkdir()
        check_tenants(binary, tenants)
        check_data_directory(tenants)


if __name__ == "__main__":
    run_test(run, sys.argv[1])
