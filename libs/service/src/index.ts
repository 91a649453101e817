export { runService, type ServiceOptions } from './run-service.js';
export {
  HEALTH_CHECKS,
  LOGGER,
  SERVICE_IDENTITY,
  type HealthCheck,
  type HealthResult,
  type HealthStatus,
  type ServiceIdentity,
} from './tokens.js';
