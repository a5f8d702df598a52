// Logs lines through the exporters of OpenTelemetry for JavaScript: <url> <count>.
'use strict';
const {LoggerProvider, BatchLogRecordProcessor} = require('@opentelemetry/sdk-logs');
const {resourceFromAttributes} = require('@opentelemetry/resources');
const json = require('@opentelemetry/exporter-logs-otlp-http');
const protobuf = require('@opentelemetry/exporter-logs-otlp-proto');
const {SeverityNumber} = require('@opentelemetry/api-logs');

const [url, count] = process.argv.slice(2);

async function run(name, exporters) {
  const exporter = new exporters.OTLPLogExporter({url: `${url}/otlp/v1/logs`, compression: 'gzip'});
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({'service.name': name, 'deployment.environment': 'test'}),
    processors: [new BatchLogRecordProcessor({exporter})],
  });
  const logger = provider.getLogger('client');
  for (let i = 0; i < Number(count); ++i) {
    logger.emit({
      body: `line ${i}`,
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      attributes: {number: i, nested: {deep: ['a', 1, true]}},
    });
  }
  await provider.shutdown();
}

run('otel-js-json', json).then(() => run('otel-js-protobuf', protobuf));
