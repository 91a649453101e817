import 'reflect-metadata';
import { readConfiguration, runService } from '@tarsy/service';
import { readSettings } from './notifier.config.js';
import { notifier } from './notifier.service.js';

await runService('notifier', (logger) =>
  notifier(readSettings(readConfiguration(logger, { keepUnset: true }), process.env)),
);
