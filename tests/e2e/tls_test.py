"""Speaks TLS with the server: pushes and queries, clients' certificates, versions, renewal.

Certificates are made on the spot by the openssl program.
"""

import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time

from harness import (NANOSECONDS, Server, TemporaryDirectory, TestSkipped, check, check_equal,
                     report, run_test, wait_until)

NOW = time.time_ns()


class Authority:
    """A certificate authority in a directory."""

    def __init__(self, directory, name):
        self._directory = directory
        self.certificate = directory / f"{name}.pem"
        self._key = directory / f"{name}.key"
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                      f"/CN={name}", "-keyout", self._key, "-out", self.certificate)

    def issue(self, name, serial):
        """Makes a certificate for 127.0.0.1 and its key; returns their paths."""
        path, key = self._directory / f"{name}.pem", self._directory / f"{name}.key"
        request, extensions = self._directory / f"{name}.csr", self._directory / f"{name}.ext"
        extensions.write_text("subjectAltName=IP:127.0.0.1\n")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
                      key, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                      "-set_serial", serial, "-days", "2", "-extfile", extensions, "-out", path)
        return path, key

    @staticmethod
    def _openssl(*arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
        check(done.returncode == 0, f"openssl {arguments[0]}: {done.stderr.decode()}")


def client_context(authority, certificate=None, version=None):
    context = ssl.create_default_context(cafile=authority.certificate)
    if certificate:
        context.load_cert_chain(*certificate)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def connect(server, context):
    """Returns a TLS connection to the server."""
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    return context.wrap_socket(plain, server_hostname="127.0.0.1")


def tls_flags(certificate, *more):
    return [f"-server.http-tls-cert-path={certificate[0]}",
            f"-server.http-tls-key-path={certificate[1]}", *more]


def check_traffic(server):
    """A large push, a large answer, and many requests at once."""
    lines = [(NOW + n, f"line {n} " + "x" * 1000) for n in range(5000)]
    with server.client() as client:
        check_equal(client.push_json([({"app": "tls"}, lines)]).status, 204, "a large push")
        rows = client.rows('{app="tls"}', NOW, NOW + NANOSECONDS)
        check_equal([row.line for row in rows], [line for _, line in lines], "rows over TLS")
    with connect(server, server.tls) as connection:
        ask = b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n"
        for byte in ask * 2:
            connection.sendall(bytes([byte]))
        connection.sendall(ask * 48 + ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answers = read_all(connection)
        check_equal(answers.count(b"HTTP/1.1 200 OK\r\n"), 51, "pipelined requests")
    report("pushes, queries and pipelined requests over TLS")


def read_all(connection):
    answers = b""
    while piece := connection.recv(65536):
        answers += piece
    return answers


def check_plain_http(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = read_all(connection)
    check_equal(answer, b"HTTP/1.0 400 Bad Request\r\n\r\n"
                b"Client sent an HTTP request to an HTTPS server.\n", "plain HTTP to a TLS port")
    report("plain HTTP is told so")


def check_protocols(server, authority):
    context = client_context(authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with connect(server, context) as connection:
        check_equal(connection.selected_alpn_protocol(), "http/1.1", "ALPN")
    refused(server, client_context(authority, version=ssl.TLSVersion.TLSv1_1), "TLS 1.1")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with connect(server, client_context(authority, version=version)):
            pass
    report("TLS 1.2 and 1.3, HTTP/1.1 by ALPN; TLS 1.1 is refused")


def refused(server, context, what):
    """Demands that a client with this context gets no answer."""
    try:
        with connect(server, context) as connection:
            connection.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = connection.recv(100)
    except OSError:
        return
    check(not answer, f"{what} got an answer: {answer!r}")


def check_hang_ups(server):
    """Clients that stop within the handshake, or send what is none, harm nobody."""
    for data in (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 1000):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(data)
    with server.client() as client:
        check_equal(client.request("GET", "/ready").status, 200, "after broken handshakes")


def serial_of(server):
    with connect(server, server.tls) as connection:
        return int(connection.getpeercert()["serialNumber"], 16)


def replace(certificate, by):
    """Puts other files in the place of a certificate and its key, each in one step."""
    for target, source in zip(certificate, by):
        copy = target.with_suffix(".new")
        shutil.copy(source, copy)
        copy.rename(target)


def check_renewal(server, authority, used):
    check_equal(serial_of(server), 1, "the first certificate's serial")
    with server.client() as old:
        check_equal(old.request("GET", "/ready").status, 200, "before the renewal")
        replace(used, authority.issue("renewed", 77))
        wait_until(lambda: serial_of(server) == 77, 20, "the renewed certificate is served")
        check_equal(old.request("GET", "/ready").status, 200, "the connection from before")
    used[0].write_text("no certificate")
    wait_until(lambda: (serial_of(server) and "cannot be used" in server.log_text()), 20,
               "a broken certificate is logged")
    check_equal(serial_of(server), 77, "the certificate after a broken renewal")
    report("a renewed certificate is taken up, a broken one is not")


def check_health(binary, server):
    done = subprocess.run([binary, "-health", f"-health.url=https://127.0.0.1:{server.port}/ready"],
                          capture_output=True, text=True, timeout=60, check=False)
    check_equal((done.returncode, done.stdout), (0, "Loki is healthy\n"), "health by the binary")


def check_server_tls(binary, directory, authority):
    used = authority.issue("server", 1)
    with Server(binary, directory, arguments=tls_flags(used), tls=client_context(authority)) as server:
        server.start()
        check_traffic(server)
        check_health(binary, server)
        check_plain_http(server)
        check_protocols(server, authority)
        check_hang_ups(server)
        check_renewal(server, authority, used)
        check_equal(server.terminate(), 0, "exit code after SIGTERM")


def is_open(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except ssl.SSLWantReadError:
        return True
    except OSError:
        return False


def check_making_room(binary, directory, authority):
    """Who comes when there are as many connections as may be takes the place of one or two, though
    they do not answer a goodbye."""
    used = authority.issue("crowd", 7)
    flags = tls_flags(used, "-server.http-conn-limit=16", "-skald.network-threads=2")
    with Server(binary, directory, arguments=flags, tls=client_context(authority)) as server:
        server.start()
        idle = [connect(server, server.tls) for _ in range(16)]
        with server.client() as client:
            check_equal(client.request("GET", "/ready").status, 200, "the newcomer's answer")
        left = sum(is_open(connection) for connection in idle)
        check(left >= 12, f"only {left} of 16 idle connections are left after one newcomer")
        for connection in idle:
            connection.close()
    report("a newcomer takes the place of few idle connections")


def check_mutual_tls(binary, directory, authority):
    used, client = authority.issue("mutual", 2), authority.issue("client", 3)
    stranger = Authority(directory, "stranger").issue("strange", 4)
    flags = tls_flags(used, "-server.http-tls-client-auth=RequireAndVerifyClientCert",
                      f"-server.http-tls-ca-path={authority.certificate}",
                      "-server.tls-min-version=VersionTLS13")
    context = client_context(authority, client)
    with Server(binary, directory, arguments=flags, tls=context) as server:
        server.start()
        with server.client() as connection:
            check_equal(connection.push_json([({"app": "a"}, [(NOW, "mutual")])]).status, 204,
                        "a push with a certificate")
        refused(server, client_context(authority), "a client without a certificate")
        refused(server, client_context(authority, stranger), "a stranger's certificate")
        refused(server, client_context(authority, client, ssl.TLSVersion.TLSv1_2), "TLS 1.2")
    report("clients' certificates are demanded and verified; TLS 1.3 alone where it is demanded")


def check_settings(binary, directory, authority):
    """Settings that cannot work end the start; a key is never shown."""
    used, other = authority.issue("settings", 5), authority.issue("other", 6)
    broken = [([f"-server.http-tls-cert-path={used[0]}"], "no key"),
              (tls_flags((used[0], other[1])), "key"),
              (tls_flags((directory / "none.pem", used[1])), "none.pem"),
              (tls_flags(used, "-server.tls-min-version=VersionTLS9"), "VersionTLS9"),
              (tls_flags(used, "-server.tls-cipher-suites=TLS_NONSENSE"), "TLS_NONSENSE"),
              (tls_flags(used, "-server.http-tls-client-auth=Sometimes"), "Sometimes"),
              (tls_flags(used, "-server.http-tls-client-auth=RequireAndVerifyClientCert"),
               "no client CA")]
    for flags, text in broken:
        with Server(binary, directory, arguments=flags) as server:
            server.log_path.unlink(missing_ok=True)
            server.spawn()
            check(server.wait(30) != 0, f"the server started with {flags}")
            check(text in server.log_text(), f"{flags}: {text!r} not in {server.log_tail()}")
    report(f"{len(broken)} settings that cannot work end the start")
    with Server(binary, directory, tls=client_context(authority)) as server:
        inline = {"cert": used[0].read_text(), "key": used[1].read_text()}
        config = server.config_path.read_text()
        server.config_path.write_text(config.replace(
            "server:\n", f"server:\n  http_tls_config: {json.dumps(inline)}\n", 1))
        server.start()
        with server.client() as client:
            shown = client.request("GET", "/config").body.decode()
        check(re.search(r"key: ['\"]?<secret>", shown), "the key is not shown as <secret>")
        check("PRIVATE KEY" not in shown + server.log_text(), "the key is shown")
    report("certificate and key from the file itself; the key is not shown")


def run(binary):
    if shutil.which("openssl") is None:
        raise TestSkipped("there is no openssl program to make certificates with")
    with TemporaryDirectory() as directory:
        authority = Authority(directory, "authority")
        check_server_tls(binary, directory, authority)
        check_making_room(binary, directory, authority)
        check_mutual_tls(binary, directory, authority)
        check_settings(binary, directory, authority)


if __name__ == "__main__":
    run_test(run, sys.argv[1])
