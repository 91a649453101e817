import { PUBLIC_CATALOGUE_URL } from '@tarsy/config';

/** Inject the {@link ChainRunnerEnvironment}. */
export const CHAIN_RUNNER_ENVIRONMENT = Symbol('CHAIN_RUNNER_ENVIRONMENT');
/** Inject the `Configuration` of `@tarsy/config`. */
export const CONFIGURATION = Symbol('CONFIGURATION');

export interface ChainRunnerEnvironment {
  /** `DATABASE_URL`: the role that owns the tables. */
  readonly databaseUrl: string;
  /** `WORKER_POOL`: whose workers run the tasks. Default `default`. */
  readonly workerPool: string;
  /** `MODEL_PRICES_URL`: public catalogue of model prices; `off` leaves the bundled prices alone. Default: the one most tools share. */
  readonly priceCatalogueUrl: string | undefined;
  /** `MODEL_FIRST_TOKEN_TIMEOUT_MS`: how long a model may take to begin an answer. Default 120 000; slow hardware of one's own may need more. */
  readonly firstTokenTimeoutMs: number;
  /** `MODEL_STALL_TIMEOUT_MS`: how long an answer may stand still. Default 60 000. */
  readonly stallTimeoutMs: number;
}

/** @throws {TypeError} no database URL, or a time that is none */
export function readEnvironment(environment: NodeJS.ProcessEnv): ChainRunnerEnvironment {
  const databaseUrl = environment['DATABASE_URL'];
  if (!databaseUrl) throw new TypeError('DATABASE_URL is not set; chain-runner keeps sessions in PostgreSQL');
  const pricesUrl = environment['MODEL_PRICES_URL'] || PUBLIC_CATALOGUE_URL;
  return {
    databaseUrl,
    workerPool: environment['WORKER_POOL'] || 'default',
    priceCatalogueUrl: pricesUrl === 'off' ? undefined : pricesUrl,
    firstTokenTimeoutMs: milliseconds(environment, 'MODEL_FIRST_TOKEN_TIMEOUT_MS', 120_000),
    stallTimeoutMs: milliseconds(environment, 'MODEL_STALL_TIMEOUT_MS', 60_000),
  };
}

function milliseconds(environment: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const value = Number(environment[name]?.trim() || otherwise);
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`${name} must be a whole number of milliseconds`);
  return value;
}
