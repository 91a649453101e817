import 'reflect-metadata';
import { loadConfiguration } from '@tarsy/config';
import { runService } from '@tarsy/service';
import { readEnvironment } from './ingest.config.js';
import { ingest } from './ingest.service.js';

await runService(ingest(readEnvironment(process.env), loadConfiguration({ keepUnset: true })));
