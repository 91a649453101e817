/** Inject the process's `Logger` of `@tarsy/observability`. */
export const LOGGER = Symbol('LOGGER');
/** Inject the {@link ServiceIdentity}. */
export const SERVICE_IDENTITY = Symbol('SERVICE_IDENTITY');
/** Provide a `HealthCheck[]` to take part in `/health`; several modules may. */
export const HEALTH_CHECKS = Symbol('HEALTH_CHECKS');

export interface ServiceIdentity {
  readonly app: string;
  readonly replica: string;
  readonly version: string;
  /** UTC, ISO 8601. */
  readonly startedAt: string;
}

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export interface HealthResult {
  readonly status: HealthStatus;
  readonly message?: string;
}

export interface HealthCheck {
  readonly name: string;
  /** Should answer within 2 s; a slower or failed check counts as unhealthy. */
  check(): Promise<HealthResult>;
}

/** Facts for the system page, such as slots in use; read every 5 s. Provide it under {@link PRESENCE_DETAILS}. */
export type PresenceDetails = () => Record<string, string | number | boolean>;
export const PRESENCE_DETAILS = Symbol('PRESENCE_DETAILS');
