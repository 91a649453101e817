import 'reflect-metadata';
import { readConfiguration, runService } from '@tarsy/service';
import { readEnvironment } from './chain-runner.config.js';
import { chainRunner } from './chain-runner.service.js';

await runService('chain-runner', (logger) =>
  chainRunner(readEnvironment(process.env), readConfiguration(logger, { keepUnset: true })),
);
