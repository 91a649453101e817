import 'reflect-metadata';
import { readConfiguration, runService } from '@tarsy/service';
import { readEnvironment } from './ingest.config.js';
import { ingest } from './ingest.service.js';

await runService('ingest', (logger) =>
  ingest(readEnvironment(process.env), readConfiguration(logger, { keepUnset: true })),
);
