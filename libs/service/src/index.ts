export { readConfiguration } from './read-configuration.js';
export { runService } from './run-service.js';
export { startService, type RunningService, type ServiceOptions } from './start-service.js';
export { InvalidEnvironmentError, readServiceEnvironment, type ServiceEnvironment } from './service-environment.js';
export {
  HEALTH_CHECKS,
  LOGGER,
  PRESENCE_DETAILS,
  SERVICE_IDENTITY,
  type HealthCheck,
  type HealthResult,
  type HealthStatus,
  type PresenceDetails,
  type ServiceIdentity,
} from './tokens.js';
