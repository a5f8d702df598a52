"""Asks the server with and without credentials: who may come in, for which tenant, to which route.

The access list holds a user of one tenant, a user of two, and a token for every tenant.
"""

import base64
import hashlib
import subprocess
import sys
import time

from harness import (Server, TemporaryDirectory, check, check_equal, report, run_test,
                     wait_until)

NOW = time.time_ns()
TOKEN = "a-token-for-everything"
PASSWORDS = {"one": "password of one", "two": "pässword of two"}
PUSH = "/loki/api/v1/push"
LABELS = "/loki/api/v1/labels"


def access_list(passwords, token=TOKEN):
    tenants = {"one": ["team-a"], "two": ["team-a", "team-b"]}
    text = "users:\n"
    for name, password in passwords.items():
        text += f"  - {{name: {name}, password: '{password_hash(password)}', " \
                f"tenants: {tenants[name]}}}\n"
    digest = hashlib.sha256(token.encode()).hexdigest()
    return text + f"tokens:\n  - {{sha256: {digest}, tenants: ['*']}}\n"


def password_hash(password):
    return subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password.encode(),
                          capture_output=True, check=True).stdout.decode().strip()


def basic(user, password=None):
    pair = f"{user}:{password or PASSWORDS[user]}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


def bearer(token=TOKEN):
    return {"Authorization": f"Bearer {token}"}


def tenant(name):
    return {"X-Scope-OrgID": name}


def status(server, path, headers, method="GET"):
    with server.client() as client:
        return client.request(method, path, headers=headers).status


def check_table(server):
    """Route by route, client by client."""
    one, two, all_tenants = basic("one"), basic("two"), bearer()
    table = [
        (LABELS, {}, 401), (LABELS, tenant("team-a"), 401),
        (LABELS, basic("one", "guess"), 401), (LABELS, basic("nobody", "guess"), 401),
        (LABELS, bearer("guess"), 401), (LABELS, {"Authorization": "Basic !"}, 401),
        (LABELS, one, 200), (LABELS, {**one, **tenant("team-a")}, 200),
        (LABELS, {**one, **tenant("team-b")}, 403), (LABELS, {**one, **tenant("team-a:x")}, 200),
        (LABELS, {**one, **tenant("team-a|team-b")}, 400),
        (LABELS, {**basic("one", "guess"), **tenant("team-b")}, 401),
        (LABELS, two, 401), (LABELS, {**two, **tenant("team-b")}, 200),
        (LABELS, {**two, **tenant("team-c")}, 403), (LABELS, {**two, **tenant("a/b")}, 400),
        (LABELS, all_tenants, 401), (LABELS, {**all_tenants, **tenant("team-c")}, 200),
        ("/ready", {}, 200), ("/metrics", {}, 401), ("/metrics", one, 403),
        ("/metrics", all_tenants, 200), ("/config", two, 403), ("/config", all_tenants, 200),
        ("/loki/api/v1/status/buildinfo", {}, 401), ("/loki/api/v1/status/buildinfo", one, 200),
        ("/nothing", {}, 404),
    ]
    for path, headers, expected in table:
        for turn in ("first", "second"):
            check_equal(status(server, path, headers), expected, f"{path} {headers}, {turn} time")
    with server.client() as client:
        refused = client.request("GET", LABELS)
    check_equal(refused.headers.get("WWW-Authenticate"), 'Basic realm="skald"', "the challenge")
    report(f"{len(table)} combinations of route, client and tenant")


def check_isolation(server):
    """What one tenant pushed is not seen by another."""
    with server.client() as client:
        response = client.push_json([({"app": "a"}, [(NOW, "of team-a")])], headers=basic("one"))
        check_equal(response.status, 204, "a push without a tenant, by a client that has but one")
        query = "/loki/api/v1/query_range?query=%7Bapp%3D%22a%22%7D"
        seen = client.request("GET", query, headers={**basic("two"), **tenant("team-a")})
        check(b"of team-a" in seen.body, f"the pushed line is not there: {seen.body!r}")
        hidden = client.request("GET", query, headers={**basic("two"), **tenant("team-b")})
        check_equal(hidden.status, 200, "a query of another tenant")
        check(b"of team-a" not in hidden.body, "the line is seen by another tenant")
        check_equal(client.push_json([({"app": "a"}, [(NOW, "x")])],
                                     headers={**basic("one"), **tenant("team-b")}).status, 403,
                    "a push for another tenant")
    report("tenants are apart")


def check_reload(server, path):
    path.write_text(access_list({"one": "a new password"}))
    wait_until(lambda: status(server, LABELS, basic("one", "a new password")) == 200, 20,
               "the new password works")
    check_equal(status(server, LABELS, basic("one")), 401, "the old password")
    check_equal(status(server, LABELS, {**basic("two"), **tenant("team-b")}), 401, "a removed user")
    path.write_text("users: nonsense")
    wait_until(lambda: status(server, LABELS, {}) and "cannot be used" in server.log_text(), 20,
               "a broken list is logged")
    check_equal(status(server, LABELS, basic("one", "a new password")), 200, "after a broken list")
    report("a changed access list is taken up, a broken one is not")


def check_secrets(server):
    with server.client() as client:
        shown = "".join(
            client.request("GET", page, headers=bearer()).body.decode()
            for page in ("/config", "/config?mode=diff", "/metrics"))
    for secret in (TOKEN, *PASSWORDS.values(), "a new password", "$6$",
                   hashlib.sha256(TOKEN.encode()).hexdigest()):
        check(secret not in shown + server.log_text(), f"{secret!r} is shown or logged")
    report("no secret is in /config, in /metrics or in the log")


def check_start(binary, directory):
    """A server that is told to guard itself, and cannot, does not start."""
    for flags in (["-skald.auth-file=/nonexistent"], ["-skald.auth-variable=NO_SUCH_VARIABLE"]):
        with Server(binary, directory, arguments=flags) as server:
            server.spawn()
            check(server.wait(30) != 0, f"the server started with {flags}")
    report("without its access list the server does not start")


def run(binary):
    with TemporaryDirectory() as directory:
        path = directory / "access.yaml"
        path.write_text(access_list(PASSWORDS))
        flags = [f"-skald.auth-file={path}", "-auth.enabled=true"]
        with Server(binary, directory, arguments=flags) as server:
            server.start()
            check_table(server)
            check_isolation(server)
            check_reload(server, path)
            check_secrets(server)
            check_equal(server.terminate(), 0, "exit code after SIGTERM")
        check_start(binary, directory)


if __name__ == "__main__":
    run_test(run, sys.argv[1])
