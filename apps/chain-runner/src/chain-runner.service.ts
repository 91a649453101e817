import { LiveConfiguration, type Configuration } from '@tarsy/config';
import type { ServiceOptions } from '@tarsy/service';
import { AppModule } from './app.module.js';
import type { ChainRunnerEnvironment } from './chain-runner.config.js';

/** Everything that makes a process a chain-runner. */
export function chainRunner(environment: ChainRunnerEnvironment, configuration: Configuration): ServiceOptions {
  return {
    app: 'chain-runner',
    ...(configuration instanceof LiveConfiguration ? { configuration } : {}),
    imports: [AppModule.around(environment, configuration)],
  };
}
