#!/usr/bin/env python3
"""A small application that writes logs as applications do, for the stack to have something to show.

    app.py --rate LINES_A_SECOND --folder FOLDER

Standard output gets JSON (a web shop's requests), FOLDER/worker.log logfmt (background jobs) and
FOLDER/audit.json JSON (who did what). Files are cut off when they grow past MAX_FILE_BYTES.
"""

import argparse
import json
import pathlib
import random
import time

MAX_FILE_BYTES = 10_000_000
PATHS = ["/", "/cart", "/checkout", "/login", "/products/17", "/products/42", "/search"]
USERS = ["ada", "grace", "linus", "margaret", "ken"]
QUEUES = ["mail", "thumbnails", "invoices"]


def stamp(now):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"


def request_line(rng, now):
    """JSON of one request to the shop: mostly well, sometimes slow or failed."""
    status = rng.choices([200, 302, 404, 500, 503], [80, 8, 6, 4, 2])[0]
    level = "error" if status >= 500 else "warn" if status >= 400 else "info"
    return json.dumps({
        "time": stamp(now), "level": level, "msg": "request", "method": rng.choice(["GET", "POST"]),
        "path": rng.choice(PATHS), "status": status, "user": rng.choice(USERS),
        "duration_ms": round(rng.lognormvariate(3.5, 0.8), 1), "bytes": rng.randrange(200, 60_000),
        "trace_id": f"{rng.getrandbits(64):016x}"})


def job_line(rng, now):
    """Logfmt of one background job."""
    level = rng.choices(["debug", "info", "warn", "error"], [20, 65, 10, 5])[0]
    text = {"error": "job failed", "warn": "job retried"}.get(level, "job done")
    fields = (f'ts={stamp(now)} level={level} msg="{text}" queue={rng.choice(QUEUES)} '
              f"took={rng.randrange(5, 900)}ms attempt={rng.randrange(1, 4)} "
              f"trace_id={rng.getrandbits(64):016x}")
    return fields + (' err="connection refused"' if level == "error" else "")


def audit_line(rng, now):
    """JSON of something that a user did."""
    return json.dumps({"time": stamp(now), "actor": rng.choice(USERS),
                       "action": rng.choice(["login", "logout", "update", "delete"]),
                       "ip": f"10.0.{rng.randrange(4)}.{rng.randrange(1, 255)}"})


def append(path, line):
    too_large = path.exists() and path.stat().st_size > MAX_FILE_BYTES
    with open(path, "w" if too_large else "a", encoding="utf-8") as file:
        file.write(line + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rate", type=float, default=5)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random()
    while True:
        now = time.time()
        print(request_line(rng, now), flush=True)
        if rng.random() < 0.5:
            append(options.folder / "worker.log", job_line(rng, now))
        if rng.random() < 0.1:
            append(options.folder / "audit.json", audit_line(rng, now))
        time.sleep(1 / options.rate)


if __name__ == "__main__":
    main()
