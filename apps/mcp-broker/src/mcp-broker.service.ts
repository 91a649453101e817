import { LiveConfiguration, type Configuration } from '@tarsy/config';
import type { ServiceOptions } from '@tarsy/service';
import { AppModule } from './app.module.js';
import type { BrokerEnvironment } from './mcp-broker.config.js';

/** Everything that makes a process an mcp-broker. */
export function mcpBroker(configuration: Configuration, environment: BrokerEnvironment): ServiceOptions {
  return {
    app: 'mcp-broker',
    ...(configuration instanceof LiveConfiguration ? { configuration } : {}),
    imports: [AppModule.around(configuration, environment)],
  };
}
