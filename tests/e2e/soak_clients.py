"""The clients of the soak: threads that ask, tail, delete and tend a server until they are stopped."""

import collections
import json
import threading
import time
from urllib.parse import urlencode

from harness import Client, NANOSECONDS, check, check_equal
from websocket import WebSocket

ALL = '{namespace=~".+"}'
SECOND, MINUTE = NANOSECONDS, 60 * NANOSECONDS
DAY = 24 * 3600 * NANOSECONDS

# What is asked: a name, an endpoint, how far it looks back, and the other parameters.
Question = collections.namedtuple("Question", "name endpoint back parameters")


def questions():
    def log(name, back, query, limit=100):
        return Question(name, "query_range", back, {"query": query, "limit": limit})

    def metric(name, back, step, query):
        return Question(name, "query_range", back, {"query": query, "step": step})

    return [
        log("newest lines", 5 * MINUTE, '{namespace="prod"}'),
        log("rare text", 5 * MINUTE, '{app="checkout"} |= "payment failed"', 1000),
        log("text that is nowhere", 60 * MINUTE, f'{ALL} |= "zq9xv7_not_there"'),
        log("json and a filter", 10 * SECOND, '{app="checkout"} | json | duration_ms > 800'),
        metric("count by app", 60 * MINUTE, "60s", f"sum by (app) (count_over_time({ALL}[1m]))"),
        metric("volume by level", 10 * MINUTE, "10s",
               f"sum by (detected_level) (count_over_time({ALL}[10s]))"),
        metric("frequent text", 30 * SECOND, "5s",
               f'sum(count_over_time({ALL} |= "duration" [5s]))'),
        metric("p99 of a json field", 10 * SECOND, "5s",
               'quantile_over_time(0.99, {app="search"} | json | unwrap query_hits [5s])'
               " by (client_geo)"),
        Question("label names", "labels", 60 * MINUTE, {}),
        Question("label values", "label/pod/values", 60 * MINUTE, {}),
        Question("series", "series", 60 * MINUTE, {"match[]": ALL}),
        Question("volume", "index/volume", 60 * MINUTE, {"query": ALL}),
        Question("patterns", "patterns", 5 * SECOND, {"query": '{app="gateway"}'}),
        Question("detected fields", "detected_fields", MINUTE, {"query": '{app="checkout"}'}),
    ]


class Worker(threading.Thread):
    """Calls act() again and again, `pause` seconds apart, until finish(); keeps what went wrong."""

    def __init__(self, port, pause):
        super().__init__(daemon=True)
        self.port = port
        self._failure = None
        self._pause = pause
        self._ending = threading.Event()

    def run(self):
        try:
            with Client(self.port, timeout=120) as client:
                while not self._ending.wait(self._pause):
                    self.act(client)
        except Exception as failure:  # whatever it is, finish() tells
            self._failure = failure

    def act(self, client):
        raise NotImplementedError

    def finish(self):
        self._ending.set()
        self.join(timeout=180)
        check(not self.is_alive(), f"{type(self).__name__} hangs")
        check(self._failure is None, f"{type(self).__name__}: {self._failure!r}")


class Asker(Worker):
    """Asks one question after the other; all must be answered with 200."""

    def __init__(self, port, pause, first):
        super().__init__(port, pause)
        self.milliseconds = collections.defaultdict(list)
        self._questions = questions()
        self._next = first

    def act(self, client):
        question = self._questions[self._next % len(self._questions)]
        self._next += 1
        now = time.time_ns()
        began = time.monotonic()
        client.get_json(question.endpoint, start=now - question.back, end=now,
                        **question.parameters)
        self.milliseconds[question.name].append(1000 * (time.monotonic() - began))


def _push(client, labels, entries):
    response = client.push_json([(labels, entries)])
    check_equal(response.status, 204, f"a push to {labels} ({response.body!r})")


class Prober(Worker):
    """Pushes a numbered line now and then, which a Follower awaits."""

    LABELS = {"job": "probe"}

    def __init__(self, port, pause):
        super().__init__(port, pause)
        self.sent = 0

    def act(self, client):
        self.sent += 1
        now = time.time_ns()
        _push(client, self.LABELS, [(now, f"{self.sent} {now}")])


class Follower(Worker):
    """Tails the probes: each must come once and in order; keeps how long they took."""

    def __init__(self, port):
        super().__init__(port, pause=0)
        self.milliseconds = []
        self._socket = WebSocket(port, "/loki/api/v1/tail?" + urlencode({"query": '{job="probe"}'}))

    def act(self, client):
        message = self._socket.receive_within(0.2)
        if message is None:
            return
        for stream in json.loads(message)["streams"]:
            for _, line in stream["values"]:
                number, sent = map(int, line.split())
                check_equal(number, len(self.milliseconds) + 1, "the number of a tailed line")
                self.milliseconds.append((time.time_ns() - sent) / 1e6)


class Dawdler(Worker):
    """Tails everything and reads a message a second: far too slow, so entries must be dropped."""

    def __init__(self, port):
        super().__init__(port, pause=1)
        # Little waits on the way: a ping that waits a minute behind messages ends the tail.
        self._socket = WebSocket(port, "/loki/api/v1/tail?" + urlencode({"query": ALL}),
                                 receive_bytes=64 << 10)

    def act(self, client):
        self._socket.receive_within(0)


class Deleter(Worker):
    """Pushes numbered batches and deletes every other one of them."""

    BATCH = 20
    SELECTOR = '{job="deleted"}'

    def __init__(self, port, pause):
        super().__init__(port, max(pause, 2))  # a delete request reaches to a whole second
        self.batches = 0
        self.deleted = 0

    def act(self, client):
        now = time.time_ns()
        if self.batches % 2:
            self._delete_last(client, now)
        _push(client, {"job": "deleted"}, [(now + i, f"batch={self.batches} line={i}")
                                           for i in range(self.BATCH)])
        self.batches += 1

    def _delete_last(self, client, now):
        parameters = {"query": f'{self.SELECTOR} |= "batch={self.batches - 1} "',
                      "start": now // SECOND - 3600, "end": now // SECOND}
        response = client.request("POST", "/loki/api/v1/delete?" + urlencode(parameters))
        check_equal(response.status, 204, f"a delete request ({response.body!r})")
        self.deleted += 1

    def shown(self):
        """Returns how many lines must be left."""
        return (self.batches - self.deleted) * self.BATCH


class Tender(Worker):
    """Has parts written and merged, and pushes lines that expire soon after."""

    SHORT_LIVED = {"job": "short"}
    PERIOD = DAY

    def __init__(self, port, pause):
        super().__init__(port, pause)
        self._turn = 0

    def act(self, client):
        self._turn += 1
        expires = time.time_ns() + SECOND
        _push(client, self.SHORT_LIVED, [(expires - self.PERIOD, f"expires at {expires}")])
        endpoint = "/skald/api/v1/compact" if self._turn % 3 == 0 else "/flush"
        response = client.request("POST", endpoint)
        check(response.status in (202, 204), f"{endpoint} answered {response.status}")
