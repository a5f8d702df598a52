// Logs lines through winston and its Loki transport: <url> <count>.
'use strict';
const winston = require('winston');
const LokiTransport = require('winston-loki');

const [url, count] = process.argv.slice(2);
const loki = (json) => new LokiTransport({
  host: url,
  labels: {client: 'winston', encoding: json ? 'json' : 'protobuf'},
  json,
  batching: true,
  interval: 1,
  replaceTimestamp: false,
  gracefulShutdown: false,
  onConnectionError: (error) => { console.error(error); process.exitCode = 1; },
});

// The first transport sends JSON, the second protobuf under snappy.
const transports = [loki(true), loki(false)];
const logger = winston.createLogger({transports});
for (let i = 0; i < Number(count); ++i) logger.info(`line ${i}`, {number: i});
setImmediate(async () => {
  for (const transport of transports) await transport.flush();
  process.exit(process.exitCode || 0);
});
