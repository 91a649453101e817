import 'reflect-metadata';
import { loadConfiguration } from '@tarsy/config';
import { runService } from '@tarsy/service';
import { readEnvironment } from './chain-runner.config.js';
import { chainRunner } from './chain-runner.service.js';

await runService(chainRunner(readEnvironment(process.env), loadConfiguration({ keepUnset: true })));
