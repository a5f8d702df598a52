"""Logs lines through python-logging-loki: <url> <count>."""

import logging
import sys

import logging_loki

url, count = sys.argv[1], int(sys.argv[2])
logging.raiseExceptions = False
failures = []


class Handler(logging_loki.LokiHandler):
    """Counts what could not be sent, which the library itself only prints."""

    def handleError(self, record):  # noqa: N802, the name is logging's
        failures.append(record)


for version, path in (("1", "/loki/api/v1/push"), ("0", "/api/prom/push")):
    logger = logging.getLogger(f"client-{version}")
    logger.addHandler(Handler(url=url + path, tags={"client": "logging-loki"}, version=version))
    for number in range(count):
        logger.warning("line %d", number)
sys.exit(1 if failures else 0)
