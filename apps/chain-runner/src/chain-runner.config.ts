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
}

/** @throws {TypeError} no database URL */
export function readEnvironment(environment: NodeJS.ProcessEnv): ChainRunnerEnvironment {
  const databaseUrl = environment['DATABASE_URL'];
  if (!databaseUrl) throw new TypeError('DATABASE_URL is not set; chain-runner keeps sessions in PostgreSQL');
  const pricesUrl = environment['MODEL_PRICES_URL'] || PUBLIC_CATALOGUE_URL;
  return {
    databaseUrl,
    workerPool: environment['WORKER_POOL'] || 'default',
    priceCatalogueUrl: pricesUrl === 'off' ? undefined : pricesUrl,
  };
}
