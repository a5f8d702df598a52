"""Logs lines through the exporter of OpenTelemetry for Python: <url> <count>."""

import logging
import sys

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

url, count = sys.argv[1], int(sys.argv[2])
for compression in Compression:
    provider = LoggerProvider(Resource.create({"service.name": f"otel-py-{compression.value}"}))
    exporter = OTLPLogExporter(endpoint=f"{url}/otlp/v1/logs", compression=compression)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = logging.getLogger(compression.value)
    logger.addHandler(LoggingHandler(logger_provider=provider))
    for number in range(count):
        logger.warning("line %d", number, extra={"number": number})
    provider.shutdown()
