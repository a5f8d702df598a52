"""Walks every route of the server with bad requests, and finds the documented answer each time.

    routes_test.py path/to/skald

The routes are read from the server's own table, so that none is forgotten.
"""

import collections
import gzip
import pathlib
import re
import socket
import sys
import time

from harness import (Client, Server, TemporaryDirectory, check, check_equal,
                     encode_json_push, report, run_test)

TABLE = pathlib.Path(__file__).resolve().parents[2] / "server/api/router.cc"
TENANT = {"X-Scope-OrgID": "one"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
METHODS = {"Push": ["POST"], "Query": ["GET", "POST"], "Tail": ["GET", "POST"],
           "TenantPage": ["GET"]}
MAX_BODY = 100_000
# Not walked: it ends the server. Its own test comes last.
SHUTDOWN = "/ingester/shutdown"
DELETE = "/loki/api/v1/delete"

Route = collections.namedtuple("Route", "kind path methods")

# What a route answers to a request without parameters and body, if it is not 200.
EMPTY = {
    "/loki/api/v1/push": 400,  # no content type
    "/api/prom/push": 400,
    "/otlp/v1/logs": 400,
    "/loki/api/v1/query_range": 400,  # no query
    "/loki/api/v1/query": 400,
    "/api/prom/query": 400,
    "/loki/api/v1/tail": 400,
    "/api/prom/tail": 400,
    "/loki/api/v1/index/stats": 400,
    "/loki/api/v1/index/shards": 400,
    "/loki/api/v1/index/volume": 400,
    "/loki/api/v1/index/volume_range": 400,
    "/loki/api/v1/patterns": 400,
    "/loki/api/v1/detected_fields": 400,
    "/loki/api/v1/detected_field/x/values": 400,
    "/loki/api/v1/format_query": 400,
    "/loki/api/v1/rules": 404,
    "/api/prom/rules": 404,
    "/flush": 204,
}


def read_routes():
    text = TABLE.read_text()
    names = dict(re.findall(r'std::string_view (k\w+) = "([A-Z ]+)";', text))
    table = text[text.index("kRoutes = {"):]
    table = table[:table.index("\n};")]
    routes = []
    pieces = re.split(r"\b(\w*)Route[({]", table)
    for kind, arguments in zip(pieces[1::2], pieces[2::2]):
        path = re.search(r'"(/[^"]*)"', arguments).group(1).replace("{name}", "x")
        methods = METHODS.get(kind)
        if methods is None:
            first = arguments.split(",")[0].strip()
            methods = names.get(first, first.strip('"')).split()
        routes.append(Route(kind, path, methods))
    written = len(re.findall(r'"/', table))
    check_equal(len(routes), written, "routes understood of those in the table")
    return [route for route in merge_paths(routes) if route.path != SHUTDOWN]


def merge_paths(routes):
    """One route a path: the table has several where methods run on different pools."""
    merged = {}
    for route in routes:
        known = merged.setdefault(route.path, route)
        if known is not route:
            merged[route.path] = known._replace(methods=known.methods + route.methods)
    return list(merged.values())


def send(server, method, path, body=None, headers=None):
    with Client(server.port) as client:
        return client.request(method, path, body, headers)


def check_serving(server, after):
    stream = ({"app": "good"}, [(time.time_ns(), f"after {after}")])
    with Client(server.port) as client:
        check_equal(client.push_json([stream], TENANT).status, 204, f"a good push after {after}")


def needs_tenant(route):
    return route.kind not in ("Open", "Operator")


def is_query(route):
    return route.kind in ("Query", "Tail") or route.path == DELETE


def check_wrong_methods(server, routes):
    for route in routes:
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            if method in route.methods:
                continue
            response = send(server, method, route.path, headers=TENANT)
            check_equal((response.status, response.body), (405, b""), f"{method} {route.path}")
    report("wrong methods are 405")


def check_no_tenant(server, routes):
    for route in routes:
        for method in route.methods:
            response = send(server, method, route.path)
            if needs_tenant(route):
                check_equal((response.status, response.body), (401, b"no org id\n"),
                            f"{method} {route.path} without a tenant")
            else:
                check(response.status != 401, f"{method} {route.path} wants a tenant")
    for tenant in ("a/b", "..", "x" * 151, "a|b"):
        for route in filter(needs_tenant, routes):
            response = send(server, route.methods[0], route.path,
                            headers={"X-Scope-OrgID": tenant})
            check_equal(response.status, 400, f"{route.path} with the tenant {tenant[:10]!r}")
    report("tenants are demanded, and must be well-formed")


def check_empty(server, routes):
    for route in routes:
        for method in route.methods:
            response = send(server, method, route.path, headers=TENANT)
            expected = EMPTY.get(route.path, 200)
            if route.path in ("/log_level", DELETE) and method != "GET":
                expected = 404 if method == "DELETE" else 400
            if route.path == "/skald/api/v1/compact" and method != "GET":
                expected = 202
            if route.path == "/ingester/prepare_shutdown" and method != "GET":
                expected = 204
            check_equal(response.status, expected, f"{method} {route.path} without anything "
                                                   f"({response.body[:200]!r})")
    report("empty requests are answered as documented")


def check_malformed(server, routes):
    for route in routes:
        if route.kind == "Push":
            for body, headers in [(b"\xff\xfe", JSON), (b'{"streams":', JSON),
                                  (b"\xff" * 50, {"Content-Type": "application/x-protobuf"})]:
                response = send(server, "POST", route.path, body, {**TENANT, **headers})
                check_equal(response.status, 400, f"{route.path}: {body[:10]!r}")
            continue
        if not is_query(route):  # pages do without parameters that cannot be read
            response = send(server, "GET", route.path + "?query=%zz", headers=TENANT)
            check_equal(response.status, EMPTY.get(route.path, 200), f"{route.path}?query=%zz")
            continue
        for method in route.methods:
            response = send(server, method, route.path + "?query=%zz", headers=TENANT)
            check_equal((response.status, response.body.strip()),
                        (400, b'invalid URL escape "%zz"'), f"{method} {route.path}?query=%zz")
        if "POST" in route.methods:
            response = send(server, "POST", route.path, b"query=%zz", {**TENANT, **FORM})
            check_equal(response.status, 400, f"POST {route.path} with a broken form")
    report("malformed requests are 400")


def check_oversized(server, routes):
    for route in routes:
        if "POST" not in route.methods:
            continue
        response = send(server, "POST", route.path, b"x" * (MAX_BODY + 1), {**TENANT, **FORM})
        expected = (413, None) if route.kind == "Push" else (400, b"http: POST too large")
        check_equal(response.status, expected[0], f"POST {route.path} with too much")
        if expected[1]:
            check_equal(response.body.strip(), expected[1], f"POST {route.path} with too much")
    report("oversized bodies are refused")


def check_compressed_twice(server, routes):
    body = gzip.compress(gzip.compress(encode_json_push([({"app": "x"}, [(1, "y")])])))
    for route in routes:
        if route.kind == "Push":
            response = send(server, "POST", route.path, body,
                            {**TENANT, **JSON, "Content-Encoding": "gzip"})
            check_equal(response.status, 400, f"{route.path} compressed twice")
        elif "POST" in route.methods:
            response = send(server, "POST", route.path, body,
                            {**TENANT, **FORM, "Content-Encoding": "gzip"})
            check(response.status < 500, f"{route.path} compressed twice: {response.status}")
    report("bodies that are compressed twice are refused")


def check_slow(server, routes):
    """Clients that stop midway are hung up on, all of them at once, and harm nobody."""
    sockets = []
    for route in routes:
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        method = route.methods[-1]
        connection.sendall(f"{method} {route.path} HTTP/1.1\r\nHost: x\r\nX-Scope-OrgID: one\r\n"
                           "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{".encode())
        sockets.append((route, connection))
    check_serving(server, "clients that stop midway")
    for route, connection in sockets:
        with connection:
            data = b"begin"
            while data:  # an answer before the body was whole is fine, an endless wait is not
                data = connection.recv(65536)
    report("clients that stop midway are hung up on")


def check_shutdown(server):
    check_equal(send(server, "POST", SHUTDOWN + "?terminate=false").status, 204, "flush only")
    check_serving(server, "a shutdown that does not terminate")
    check_equal(send(server, "POST", SHUTDOWN).status, 204, "shutdown")
    check_equal(server.wait(30), 0, "exit code after a shutdown by request")
    report("a shutdown by request ends the server")


def run(binary):
    routes = read_routes()
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        text = server.config_path.read_text().replace("auth_enabled: false", "auth_enabled: true")
        text = text.replace("server:\n", "server:\n  http_server_read_timeout: 2s\n")
        text += f"distributor: {{max_recv_msg_size: {MAX_BODY}}}\n"
        text += f"frontend: {{max_body_size: {MAX_BODY}}}\n"
        server.config_path.write_text(text)
        server.start()
        for test in (check_wrong_methods, check_no_tenant, check_empty, check_malformed,
                     check_oversized, check_compressed_twice, check_slow):
            test(server, routes)
            check_serving(server, test.__name__)
        report(f"{len(routes)} routes walked")
        check_shutdown(server)


if __name__ == "__main__":
    run_test(run, sys.argv[1])
