import 'reflect-metadata';
import { loadConfiguration } from '@tarsy/config';
import { runService } from '@tarsy/service';
import { readSettings } from './notifier.config.js';
import { notifier } from './notifier.service.js';

await runService(notifier(readSettings(loadConfiguration({ keepUnset: true }), process.env)));
