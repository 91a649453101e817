import type { LiveConfiguration } from '@tarsy/config';
import type { ServiceOptions } from '@tarsy/service';
import { AppModule } from './app.module.js';
import type { Catalogue } from './catalogue/catalogue.js';
import { serveDashboard } from './http/dashboard.js';
import { serveOpenApi } from './http/open-api.js';
import { addSecurityHeaders, enableCors } from './http/security-headers.js';
import type { StreamGatewayConfig } from './stream-gateway.config.js';

const VERSION = '0.1.0';

/** Everything that makes a process a stream-gateway. */
export function streamGateway(
  config: StreamGatewayConfig,
  catalogue: Catalogue,
  configuration?: LiveConfiguration,
): ServiceOptions {
  return {
    app: 'stream-gateway',
    version: VERSION,
    ...(configuration ? { configuration } : {}),
    httpApiPrefix: 'api/v1',
    imports: [AppModule.around(config, catalogue)],
    configureHttp: async (app) => {
      addSecurityHeaders(app);
      enableCors(app, config.corsOrigins);
      serveOpenApi(app, VERSION);
      await serveDashboard(app, config.dashboardDirectory);
    },
  };
}
