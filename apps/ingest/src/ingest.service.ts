import { LiveConfiguration, type Configuration } from '@tarsy/config';
import type { ServiceOptions } from '@tarsy/service';
import { AppModule } from './app.module.js';
import { addAdmissionControl } from './http/admission-control.js';
import type { IngestEnvironment } from './ingest.config.js';

const BODY_LIMIT_BYTES = 2 * 1024 ** 2;
/** A sender that trickles its body would hold a place for ever. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Everything that makes a process an ingest. */
export function ingest(environment: IngestEnvironment, configuration: Configuration): ServiceOptions {
  return {
    app: 'ingest',
    ...(configuration instanceof LiveConfiguration ? { configuration } : {}),
    httpApiPrefix: 'api/v1',
    bodyLimitBytes: BODY_LIMIT_BYTES,
    fastifyOptions: { requestTimeout: REQUEST_TIMEOUT_MS },
    imports: [AppModule.around(environment, configuration)],
    configureHttp: (app) => addAdmissionControl(app, environment),
  };
}
