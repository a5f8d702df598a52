#!/usr/bin/env python3
"""SIGHUP and the runtime overrides: settings change in a running server, or nothing does."""

import signal
import sys
import time

import harness

NOW = time.time_ns()
DAY = 24 * 3600 * harness.NANOSECONDS


def metric(server, name):
    with harness.Client(server.port) as client:
        text = client.request("GET", "/metrics").body.decode()
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))


def replace(path, text):
    """Replaces a file in one step, as an editor or a config map does."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(path)


def hang_up(server):
    server.process.send_signal(signal.SIGHUP)


def logged(server, text):
    harness.wait_until(lambda: text in server.log_text(), 30, f"the log says {text!r}")


def shown(server, tenant):
    """The ages in days of the tenant's rows that queries show."""
    path = (f"/loki/api/v1/query_range?query=%7Bapp%3D%22a%22%7D"
            f"&start={NOW - 10 * DAY}&end={NOW + 1}")
    with harness.Client(server.port) as client:
        body = client.request("GET", path, headers={"X-Scope-OrgID": tenant}).body.decode()
    return [age for age in range(9) if f"age {age}." in body]


def push(server, tenant):
    rows = [(NOW - age * DAY, f"age {age}.") for age in range(9)]
    with harness.Client(server.port) as client:
        response = client.push_json([({"app": "a"}, rows)], {"X-Scope-OrgID": tenant})
    harness.check_equal(response.status, 204, "status of a push")


def reload_test(binary):
    with harness.TemporaryDirectory() as directory:
        with harness.Server(binary, directory) as server:
            overrides = directory / "overrides.yaml"
            overrides.write_text("overrides: {kept: {retention_period: 0s}}\n")
            config = server.config_path.read_text().replace("auth_enabled: false",
                                                            "auth_enabled: true")
            config += f"runtime_config: {{file: {overrides}, period: 1s}}\n"
            config = config.replace("limits_config:\n", "limits_config:\n"
                                    "  reject_old_samples: false\n  retention_period: 5d\n")
            server.config_path.write_text(config)
            server.start()
            for tenant in ("one", "kept"):
                push(server, tenant)
            harness.check_equal(shown(server, "one"), [0, 1, 2, 3, 4], "rows of five days")
            harness.check_equal(shown(server, "kept"), list(range(9)), "rows kept for ever")

            server.config_path.write_text(
                config.replace("retention_period: 5d", "retention_period: 3d")
                .replace("path_prefix:", "compactor_address: x\n  path_prefix:")
                .replace("analytics:", "frontend: {log_queries_longer_than: -1s,"
                         " max_outstanding_per_tenant: 7}\nanalytics:"))
            hang_up(server)
            logged(server, "changed=frontend.log_queries_longer_than,limits_config.retention_period")
            logged(server, 'msg="changed settings wait for a restart" '
                   "names=frontend.max_outstanding_per_tenant")
            harness.check_equal(shown(server, "one"), [0, 1, 2], "rows of three days")
            harness.check_equal(shown(server, "kept"), list(range(9)), "rows kept for ever")
            logged(server, 'msg="slow query" org_id=one query="{app=\\"a\\"}" query_type=limited')
            harness.report("SIGHUP changes what it can and names the rest")

            server.config_path.write_text(config + "nonsense: 1\n")
            hang_up(server)
            logged(server, "configuration not reloaded, the one in force stays")
            harness.check_equal(shown(server, "one"), [0, 1, 2], "rows of three days")
            harness.check_equal(
                metric(server, 'skald_config_last_reload_successful{source="config"}'), 0, "metric")
            harness.report("a file that is wrong changes nothing")

            replace(overrides, "overrides: {one: {retention_period: 7d}}\n")
            logged(server, "runtime configuration reloaded")
            harness.check_equal(shown(server, "one"), list(range(7)), "rows of seven days")
            harness.check_equal(shown(server, "kept"), [0, 1, 2], "rows of three days")
            replace(overrides, "overrides: [\n")
            logged(server, "runtime configuration not reloaded, the last good one stays")
            harness.check_equal(shown(server, "one"), list(range(7)), "rows of seven days")
            harness.check_equal(
                metric(server, 'skald_config_last_reload_successful{source="runtime"}'), 0, "metric")
            harness.report("overrides take effect by themselves, retention included")
            harness.check_equal(server.terminate(), 0, "exit code")


if __name__ == "__main__":
    harness.run_test(reload_test, sys.argv[1])
