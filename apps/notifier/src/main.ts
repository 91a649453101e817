import 'reflect-metadata';
import { readConfiguration, runService } from '@tarsy/service';
import { readSettings } from './notifier.config.js';
import { notifier } from './notifier.service.js';

await runService('notifier', (logger) => {
  const configuration = readConfiguration(logger, { keepUnset: true });
  // Channel, token and address are read once; a change needs a restart.
  configuration.close();
  return notifier(readSettings(configuration, process.env));
});
