import type { ServiceOptions } from '@tarsy/service';
import { AppModule } from './app.module.js';
import type { NotifierSettings } from './notifier.config.js';

/** Everything that makes a process a notifier. */
export function notifier(settings: NotifierSettings): ServiceOptions {
  return { app: 'notifier', imports: [AppModule.around(settings)] };
}
