import 'reflect-metadata';
import { readConfiguration, runService } from '@tarsy/service';
import { catalogueOf } from './catalogue/catalogue-of-configuration.js';
import { DEVELOPMENT_ORIGINS } from './http/origins.js';
import { readEnvironment } from './stream-gateway.config.js';
import { streamGateway } from './stream-gateway.service.js';

await runService('stream-gateway', (logger) => {
  const configuration = readConfiguration(logger, { keepUnset: true });
  const { dashboardUrl, allowedWebSocketOrigins } = configuration.system;
  const dashboardOrigin = new URL(dashboardUrl).origin;
  return streamGateway(
    {
      ...readEnvironment(process.env),
      estimatesCost: configuration.system.costEstimation.enabled,
      allowedOrigins: [dashboardOrigin, ...allowedWebSocketOrigins],
      corsOrigins: [...new Set([...DEVELOPMENT_ORIGINS, dashboardOrigin])],
    },
    catalogueOf(configuration),
    configuration,
  );
});
