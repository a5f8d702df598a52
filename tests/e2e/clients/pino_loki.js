// Logs lines through pino and its Loki transport: <url> <count>.
'use strict';
const pino = require('pino');

const [url, count] = process.argv.slice(2);
const transport = pino.transport({
  target: 'pino-loki',
  options: {
    host: url,
    labels: {client: 'pino'},
    structuredMetaKey: 'meta',
    batching: {interval: 1},
    silenceErrors: false,
  },
});
const logger = pino(transport);
for (let i = 0; i < Number(count); ++i) logger.info({number: i}, `line ${i}`);
transport.end();
transport.on('close', () => process.exit(0));
