import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const optionalText = z
  .string()
  .trim()
  .optional()
  .transform((text) => text || undefined);

const environmentSchema = z.object({
  DATABASE_READER_URL: optionalText,
  DATABASE_URL: optionalText,
  DASHBOARD_DIR: optionalText,
});

/** Inject the {@link StreamGatewayConfig}. */
export const GATEWAY_CONFIG = Symbol('GATEWAY_CONFIG');

export interface StreamGatewayConfig {
  /** `DATABASE_READER_URL`, a role that may only read; else `DATABASE_URL`, whose transactions are then made read-only. */
  readonly databaseUrl: string;
  /** `DASHBOARD_DIR`; default is the dashboard of this checkout. Absent where it was not built. */
  readonly dashboardDirectory: string | undefined;
  /** Origins that may open a WebSocket beside those of this machine and of the dashboard itself. */
  readonly allowedOrigins: readonly string[];
  /** Costs of model calls are shown. */
  readonly estimatesCost: boolean;
  /** Origins that may call the REST API from a browser. */
  readonly corsOrigins: readonly string[];
}

/** What this application reads of the environment. */
export interface GatewayEnvironment {
  readonly databaseUrl: string;
  readonly dashboardDirectory: string | undefined;
}

const BUILT_DASHBOARD = fileURLToPath(new URL('../../ui/build', import.meta.url));

/** @throws {TypeError} no database URL */
export function readEnvironment(environment: NodeJS.ProcessEnv): GatewayEnvironment {
  const { DATABASE_READER_URL, DATABASE_URL, DASHBOARD_DIR } = environmentSchema.parse(environment);
  const databaseUrl = DATABASE_READER_URL ?? DATABASE_URL;
  if (!databaseUrl)
    throw new TypeError('DATABASE_READER_URL is not set; stream-gateway reads sessions from PostgreSQL');
  const directory = DASHBOARD_DIR ?? BUILT_DASHBOARD;
  return { databaseUrl, dashboardDirectory: existsSync(directory) ? directory : undefined };
}
