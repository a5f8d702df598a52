#!/usr/bin/env python3
"""What a full compaction does to pushes and queries that go on beside it.

Loads a corpus, then pushes steadily and asks queries: for a while with nothing else going on, and
again while the background merges all that was loaded. Prints how far the compaction came, second
by second, and how long pushes and queries took in both.

  tools/bench/compaction.py --tools build/release/bin/skald-bench --megabytes 2000 \\
      --start 'skald=loki:3100:build/release/bin/skald -config.file=tools/bench/skald.yaml
               -common.path-prefix={dir}'
"""

import argparse
import json
import subprocess
import tempfile
import threading
import time
import urllib.request

from run import HERE, make_corpus
from questions import Question
from servers import NANOSECONDS, Server, fetch

ALL = '{namespace=~".+"}'
MINUTE = 60 * NANOSECONDS
# Each with how far it looks back.
QUESTIONS = [
    (Question("newest 100", "log", 100, '{namespace="prod"}', None), 60 * MINUTE),
    (Question("text that is nowhere", "log", 100, f'{ALL} |= "zq9xv7_not_there"', None),
     360 * MINUTE),
    (Question("count by app", "metric", 0, f"sum by (app) (count_over_time({ALL}[5m]))", None),
     360 * MINUTE),
    (Question("json and a filter", "log", 100,
              '{app="checkout"} | json | duration_ms > 800', None), MINUTE // 6),
]


class Asker(threading.Thread):
    """Asks one question after the other until stop() and keeps when each began and took."""

    def __init__(self, server, pause):
        super().__init__(daemon=True)
        self.answers = []  # (seconds since the epoch, milliseconds)
        self._server, self._pause = server, pause
        self._ending = threading.Event()

    def run(self):
        number = 0
        while not self._ending.wait(self._pause):
            question, back = QUESTIONS[number % len(QUESTIONS)]
            number += 1
            end = time.time_ns()
            began, clock = time.time(), time.monotonic()
            self._server.kind.ask(self._server.base, question, end - back, end)
            self.answers.append((began, 1000 * (time.monotonic() - clock)))

    def stop(self):
        self._ending.set()
        self.join()


class Progress(threading.Thread):
    """Looks every second how many blocks the merge that runs has read."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.seen = []  # (blocks read, blocks)
        self.ended = None  # when no full compaction ran any more, seconds since the epoch
        self._server = server
        self._ending = threading.Event()

    def run(self):
        while not self._ending.wait(1):
            answer = json.loads(fetch(f"{self._server.base}/skald/api/v1/compact"))
            if answer["status"] == "idle":
                self.ended = time.time()
                return
            self.seen.append((answer["merge"]["blocks_read"], answer["merge"]["blocks"]))

    def stop(self):
        self._ending.set()
        self.join()


def work(arguments, server, seconds):
    """Pushes and asks for so many seconds; returns (pushes, queries) as (began, milliseconds)."""
    asker = Asker(server, arguments.pause)
    asker.start()
    with tempfile.NamedTemporaryFile("r") as replies:
        subprocess.run(
            [arguments.tools, "steady", f"--services={HERE / 'corpus'}", f"--url={server.push_url}",
             f"--seconds={seconds}", f"--megabytes-per-second={arguments.rate}",
             f"--body-bytes={arguments.body_bytes}", f"--replies={replies.name}"],
            check=True, stdout=subprocess.DEVNULL)
        asker.stop()
        pushes = [tuple(map(float, line.split())) for line in replies]
    return pushes, asker.answers


def quantiles(answers, before=None):
    """Describes how long what began before a moment took."""
    times = sorted(ms for began, ms in answers if before is None or began < before)
    if not times:
        return "none"
    p50, p90, p99, most = (times[int(q * (len(times) - 1))] for q in (0.5, 0.9, 0.99, 1))
    return f"{len(times)}: p50 {p50:.1f}, p90 {p90:.1f}, p99 {p99:.1f}, longest {most:.1f} ms"


def measure(arguments, server):
    make_corpus(arguments)
    server.start()
    subprocess.run([arguments.tools, "load", f"--corpus={arguments.corpus}",
                    f"--url={server.push_url}"], check=True, stdout=subprocess.DEVNULL)
    server.flush()
    work(arguments, server, 3)  # warms up
    pushes, queries = work(arguments, server, arguments.seconds)
    print(f"without: pushes {quantiles(pushes)}", flush=True)
    print(f"without: queries {quantiles(queries)}", flush=True)
    progress = Progress(server)
    request = urllib.request.Request(f"{server.base}/skald/api/v1/compact", method="POST")
    urllib.request.urlopen(request, timeout=60).close()
    progress.start()
    pushes, queries = work(arguments, server, arguments.seconds)
    progress.stop()
    print("blocks read: " + " ".join(f"{read}/{blocks}" for read, blocks in progress.seen))
    print(f"the compaction {'was over' if progress.ended else 'went on'} at the end; what began "
          "after its end does not count")
    print(f"beside it: pushes {quantiles(pushes, progress.ended)}")
    print(f"beside it: queries {quantiles(queries, progress.ended)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", required=True, help="the skald-bench binary")
    parser.add_argument("--corpus", default="corpus.bench", help="made if it is not there")
    parser.add_argument("--megabytes", type=int, default=2000, help="of lines in the corpus")
    parser.add_argument("--span", type=int, default=6 * 3600, help="seconds that the lines cover")
    parser.add_argument("--encoding", default="protobuf", choices=["protobuf", "json", "gzip"])
    parser.add_argument("--start", required=True, metavar="NAME=loki:PORT:COMMAND",
                        help="the server to start, {dir} its directory")
    parser.add_argument("--seconds", type=int, default=60, help="without, and beside a compaction")
    parser.add_argument("--rate", type=int, default=7, help="MB of lines a second")
    parser.add_argument("--body-bytes", type=int, default=1_000_000)
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between queries")
    arguments = parser.parse_args()
    server = Server(arguments.start, start=True)
    try:
        measure(arguments, server)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
