"""Tails through websocket-client: <url> <count> [<file to make once connected>].

Prints each line that comes, until there were so many.
"""

import json
import pathlib
import sys
import urllib.parse

import websocket

url, count = sys.argv[1], int(sys.argv[2])
query = urllib.parse.urlencode({"query": '{client="tailed"}', "limit": 10})
connection = websocket.create_connection(f"{url.replace('http', 'ws', 1)}/loki/api/v1/tail?{query}",
                                         timeout=30)
if len(sys.argv) > 3:
    pathlib.Path(sys.argv[3]).touch()
seen = 0
while seen < count:
    for stream in json.loads(connection.recv()).get("streams") or []:
        for value in stream["values"]:
            print(value[1], flush=True)
            seen += 1
connection.close()
