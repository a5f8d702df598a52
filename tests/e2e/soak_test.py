"""A soak: a steady load in little memory, while everything else that a server does goes on.

    soak_test.py path/to/skald path/to/skald-bench [--seconds 60] [--rate 20] [--resend 5]

The load comes from `skald-bench steady`. Meanwhile queries of many kinds, tails (one of them too
slow), deletes, flushes, merges and retention sweeps run. In the end every line that was taken must
be counted, once, before and after a kill; no push may have been refused and no query failed; and
memory, file descriptors and threads may not have grown once the server was warm. Where a memory
cgroup is permitted the server is killed if it takes more than the limit; elsewhere samples of what
is resident must stay below it.
"""

import argparse
import contextlib
import json
import pathlib
import subprocess
import time

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, check, check_equal, report,
                     run_test)
from memory_cgroup import limit_memory
from process_watch import MEBIBYTE, ProcessWatch
from soak_clients import ALL, Asker, Dawdler, Deleter, Follower, Prober, Tender

SERVICES = pathlib.Path(__file__).resolve().parents[2] / "tools" / "bench" / "corpus"
COUNT_STEP = 60 * NANOSECONDS

LIMITS = """\
limits_config:
  retention_stream: [{selector: '{job="short"}', priority: 1, period: 24h}]
"""
COMPACTOR = """\
compactor:
  retention_enabled: true
  delete_request_store: filesystem
  retention_delete_delay: 0s
  delete_request_cancel_period: 0s
"""
COUNTERS = ["skald_flushes_total", "skald_compactions_total", "skald_retention_sweeps_total",
            "skald_parts_expired_total", "skald_parts",
            "loki_compactor_delete_requests_processed_total"]


def configure(server):
    text = server.config_path.read_text().replace("limits_config:\n", LIMITS)
    server.config_path.write_text(text + COMPACTOR)


def start_load(tool, server, options):
    return subprocess.Popen(
        [tool, "steady", f"--services={SERVICES}", f"--seconds={options.seconds}",
         f"--url=http://127.0.0.1:{server.port}/loki/api/v1/push",
         f"--megabytes-per-second={options.rate}", f"--resend-percent={options.resend}",
         "--body-bytes=500000"], stdout=subprocess.PIPE, text=True)


def finish_load(load, seconds):
    output, _ = load.communicate(timeout=seconds + 120)
    check_equal(load.returncode, 0, "exit code of the load generator")
    return json.loads(output)


def quantiles(milliseconds):
    ordered = sorted(milliseconds)
    values = [ordered[int(q * (len(ordered) - 1))] for q in (0.5, 0.9, 0.99, 1)]
    return "p50 %.1f, p90 %.1f, p99 %.1f, max %.1f ms" % tuple(values)


def counted(client, selector, begin, end):
    """Returns how many lines of [begin, end) are counted, minute by minute."""
    first = begin - begin % COUNT_STEP + COUNT_STEP
    answer = client.get_json("query_range", query=f"sum(count_over_time({selector} [1m]))",
                             start=first, end=end + COUNT_STEP, step="60s")
    return sum(int(value) for series in answer["data"]["result"] for _, value in series["values"])


def check_counts(server, load, deleter, began, what):
    end = time.time_ns()
    with Client(server.port, timeout=300) as client:
        # Once as the index has it, and once by looking at every line.
        for selector in (ALL, f'{ALL} != "zq9xv7_not_there"'):
            check_equal(counted(client, selector, began, end), load["lines"],
                        f"{what}: lines that are counted by {selector}")
        check_equal(counted(client, Deleter.SELECTOR, began, end), deleter.shown(),
                    f"{what}: lines that are not deleted")


def report_counters(server):
    with Client(server.port) as client:
        lines = client.request("GET", "/metrics").body.decode().splitlines()
    sums = dict.fromkeys(COUNTERS, 0.0)
    for line in lines:
        name = line.split("{")[0].split(" ")[0]
        if name in sums:
            sums[name] += float(line.rsplit(" ", 1)[1])
    report("work: " + ", ".join(f"{name} {value:.0f}" for name, value in sums.items()))


def report_load(load):
    report(f"pushes: {load['line_bytes'] / 1e6:.0f} MB, {load['lines']} lines in "
           f"{load['seconds']:.0f} s, replies {load['statuses']}, {load['resent']} of them to "
           f"bodies sent again; p50 {load['p50_ms']}, p90 {load['p90_ms']}, p99 {load['p99_ms']}, "
           f"max {load['max_ms']} ms")


def report_queries(askers, follower):
    times = {}
    for asker in askers:
        for name, milliseconds in asker.milliseconds.items():
            times.setdefault(name, []).extend(milliseconds)
    report(f"queries: {sum(map(len, times.values()))}, "
           f"{quantiles([ms for kind in times.values() for ms in kind])}")
    for name, milliseconds in times.items():
        report(f"  {name}: {len(milliseconds)}, {quantiles(milliseconds)}")
    if follower.milliseconds:
        report(f"from push to tail: {len(follower.milliseconds)}, "
               f"{quantiles(follower.milliseconds)}")


def report_process(watch):
    report("resident MiB over time: " + " ".join(
        f"{seconds:.0f}s:{size / MEBIBYTE:.0f}" for seconds, size in watch.over_time()))
    report(f"resident at most {watch.highest('resident') / MEBIBYTE:.0f} MiB; "
           f"threads {watch.highest('threads')}; file descriptors "
           f"{watch.highest('descriptors')}, and {watch.highest('stored')} of parts and log")


def run_load(tool, server, options):
    """Puts the load on the server, with everything beside it; returns (load, workers, watch)."""
    watch = ProcessWatch(server.process.pid)
    follower, deleter = Follower(server.port), Deleter(server.port, pause=4)
    prober = Prober(server.port, pause=0.5)
    askers = [Asker(server.port, pause=0.1, first=0), Asker(server.port, pause=0.1, first=7)]
    workers = [*askers, prober, deleter, Dawdler(server.port), Tender(server.port, pause=7)]
    for thread in [watch, follower, *workers]:
        thread.start()
    load = finish_load(start_load(tool, server, options), options.seconds)
    watch.finish()
    for worker in workers:
        worker.finish()
    time.sleep(2)  # the hub looks twice a second
    follower.finish()
    report_load(load)
    report_queries(askers, follower)
    report_process(watch)
    report_counters(server)
    check_equal(len(follower.milliseconds), prober.sent, "lines that were tailed")
    return load, deleter, watch


def test(binary, tool, options):
    limit = options.memory * MEBIBYTE
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(TemporaryDirectory())
        group = limit_memory(limit)
        wrapper = stack.enter_context(group).wrapper() if group else ()
        report(f"{options.memory} MiB, " + ("enforced by a control group" if group else
                                            "as far as samples show it"))
        server = stack.enter_context(
            Server(binary, directory, arguments=[f"-skald.memory-limit={options.memory}MB"]))
        configure(server)
        server.start(wrapper)
        began = time.time_ns()
        load, deleter, watch = run_load(tool, server, options)
        if group:
            check_equal(group.killed(), 0, "processes that were killed for want of memory")
        else:
            check(watch.highest("resident") <= limit, "more is resident than the limit allows")
        check_equal(set(load["statuses"]), {"204"}, "replies to pushes")
        watch.check_no_growth()
        check_counts(server, load, deleter, began, "while it runs")
        server.kill()
        server.start(wrapper)
        check_counts(server, load, deleter, began, "after a kill")
        report(f"{load['lines']} lines acknowledged, each counted once; 0 lost")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("tool")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=20, help="MB of lines a second")
    parser.add_argument("--resend", type=int, default=5,
                        help="per cent of the bodies that are sent twice")
    parser.add_argument("--memory", type=int, default=256, help="MiB that the server may use")
    options = parser.parse_args()
    run_test(test, options.binary, options.tool, options)


if __name__ == "__main__":
    main()
