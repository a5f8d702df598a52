"""What the data directories of tests/compat hold, and how a server is asked for it."""

import hashlib
import json
import pathlib
import shutil
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from harness import NANOSECONDS, check_equal  # noqa: E402

START = 1_767_571_200 * NANOSECONDS  # 2026-01-05T00:00:00Z
END = START + 3600 * NANOSECONDS
LEVELS = ["info", "info", "info", "warn", "error"]
ODD_LINES = ["", "two\nlines\tand a tab", "\u212aelvin \u017f \u00e9\u4e16\u754c \U0001f600",
             'a "quoted" \\ backslash \\u0041', "x" * 3000]


def keep_old_rows(server):
    """Configures the server to take and keep rows whatever their age."""
    limits = "limits_config:\n"
    server.config_path.write_text(server.config_path.read_text().replace(
        limits, limits + "  reject_old_samples: false\n  retention_period: 0s\n"))


def rows_of_batch(batch):
    """Returns the streams of one push: [(labels, [(timestamp, line, metadata)])]."""
    first = START + batch * 300 * NANOSECONDS
    steady = [(first + i * NANOSECONDS // 2 + i * i,
               f"level={LEVELS[i % 5]} batch={batch} request={i} took={i * 7 % 100}ms",
               {"trace_id": f"{batch:04x}{i * 2654435761 % 2**32:08x}{i:04x}", "shard": str(i % 3)})
              for i in range(300)]
    odd = [(first + i * NANOSECONDS, line, {}) for i, line in enumerate(ODD_LINES)]
    return [({"app": "steady", "env": "prod"}, steady), ({"app": "odd", "batch": str(batch)}, odd)]


def push_batch(client, batch):
    body = {"streams": [
        {"stream": labels, "values": [[str(time), line, metadata] if metadata else [str(time), line]
                                      for time, line, metadata in entries]}
        for labels, entries in rows_of_batch(batch)]}
    reply = client.request("POST", "/loki/api/v1/push", json.dumps(body).encode(),
                           {"Content-Type": "application/json"})
    check_equal(reply.status, 204, f"push of batch {batch}")


def delete_some(client):
    """Deletes the quoted lines of batch 1."""
    query = urllib.parse.urlencode({"query": '{app="odd", batch="1"} |= "quoted"',
                                    "start": START // NANOSECONDS, "end": END // NANOSECONDS})
    reply = client.request("POST", f"/loki/api/v1/delete?{query}")
    check_equal(reply.status, 204, "delete request")


def answers(client):
    """Everything that a directory is held to, as JSON."""
    def samples(query):
        reply = client.get_json("query_range", query=query, start=START, end=END, step=300)
        return sorted(([series["metric"], series["values"]] for series in reply["data"]["result"]),
                      key=json.dumps)

    rows = [[row.timestamp, row.line, row.labels]
            for row in sorted(client.rows('{app=~".+"}', START, END),
                              key=lambda row: (row.timestamp, row.line))]
    text = json.dumps(rows, sort_keys=True)
    return {
        "labels": client.get_json("labels", start=START, end=END)["data"],
        "rows": len(rows),
        "first rows": rows[:3],
        "last rows": rows[-3:],
        "sha256 of all rows": hashlib.sha256(text.encode()).hexdigest(),
        "by level": samples('sum by (detected_level) (count_over_time({app="steady"}[5m]))'),
        "bytes": samples('sum by (app) (bytes_over_time({app=~".+"}[5m]))'),
        "quoted": len(client.rows('{app="odd"} |= "quoted"', START, END)),
        "needle": [row.timestamp for row in client.rows('{app="odd"} |~ "(?i)kelvin"', START, END)],
        "trace": [row.line for row in client.rows(
            f'{{app="steady"}} | trace_id="{rows_of_batch(2)[0][1][100][2]["trace_id"]}"',
            START, END)],
    }


def copy_without_lock(source, target):
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("LOCK"))
