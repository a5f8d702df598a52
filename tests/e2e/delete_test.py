"""Deletes rows with the command-line tool while the server is killed and started again.

Checks: what a delete hides once it is acknowledged, after a kill too; that rows pushed again are
shown; cancelling; and that rows go from disk when the request can no longer be cancelled.

Arguments: the server, the command-line tool.
"""

import json
import subprocess
import sys
import time

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, check, check_equal, report,
                     run_test, wait_until)

CANCEL_SECONDS = 3


class Tool:
    """skaldcli on one server."""

    def __init__(self, binary, server):
        self._command = [binary, "--quiet", f"--addr=http://127.0.0.1:{server.port}"]

    def run(self, *arguments):
        done = subprocess.run([*self._command, *arguments], capture_output=True, text=True,
                              timeout=60, check=False)
        check_equal(done.returncode, 0, f"exit code of {arguments} ({done.stderr!r})")
        return done.stdout

    def delete(self, query):
        self.run("delete", "create", query, "--since=1h")

    def requests(self):
        return json.loads(self.run("--output=jsonl", "delete", "list"))


def push(server, lines, time_ns):
    with Client(server.port) as client:
        for app, line in lines:
            response = client.push_json([({"app": app}, [(time_ns, line)])])
            check_equal(response.status, 204, "status of a push")


def lines_of(server, query='{app=~".+"}'):
    now = time.time_ns()
    with Client(server.port) as client:
        rows = client.rows(query, now - 3600 * NANOSECONDS, now + NANOSECONDS)
        check_equal(client.count(query, now + NANOSECONDS), len(rows), "count by ranks")
    return sorted(row.line for row in rows)


def request_ids(server):
    with Client(server.port) as client:
        return [request["request_id"] for request in client.get_json("delete")]


def check_hidden_at_once(server, tool, time_ns):
    push(server, [("a", "a one"), ("a", "a two"), ("b", "b one")], time_ns)
    tool.delete('{app=~"a|b"} |= "one"')
    check_equal(lines_of(server), ["a two"], "lines after a delete")
    server.kill()
    server.start()
    check_equal(lines_of(server), ["a two"], "lines after a delete and a kill")
    push(server, [("a", "a one")], time_ns)
    check_equal(lines_of(server), ["a one", "a two"], "lines after one was pushed again")
    report("a delete hides rows at once, after a kill too, and not what is pushed again")


def check_cancelled(server, tool):
    tool.delete('{app="a"}')
    check_equal(lines_of(server), [], "lines after another delete")
    check_equal([request["status"] for request in tool.requests()], ["received"] * 2, "requests")
    tool.run("delete", "cancel", f"--request-id={request_ids(server)[-1]}")
    check_equal(lines_of(server), ["a one", "a two"], "lines after it was cancelled")
    report("a cancelled delete shows rows again")


def check_removed(server, tool):
    def is_processed():
        return [request["status"] for request in tool.requests()] == ["processed"]

    wait_until(is_processed, 90, "the delete is processed")
    check_equal(lines_of(server), ["a one", "a two"], "lines after rows were removed")
    with Client(server.port) as client:
        wait_until(lambda: b"loki_compactor_pending_delete_requests_count 0"
                   in client.request("GET", "/metrics").body, 30, "no request is pending")
    report("rows are removed from disk when the delete can no longer be cancelled")


def main(binary, tool_binary):
    arguments = [f"-compactor.delete-request-cancel-period={CANCEL_SECONDS}s"]
    time_ns = time.time_ns() - 60 * NANOSECONDS
    with TemporaryDirectory() as directory, Server(binary, directory,
                                                   arguments=arguments) as server:
        server.start()
        tool = Tool(tool_binary, server)
        check_hidden_at_once(server, tool, time_ns)
        check_removed(server, tool)
    with TemporaryDirectory() as directory, Server(binary, directory) as server:
        server.start()
        tool = Tool(tool_binary, server)
        check_hidden_at_once(server, tool, time_ns)
        check_cancelled(server, tool)


if __name__ == "__main__":
    run_test(main, *sys.argv[1:])
