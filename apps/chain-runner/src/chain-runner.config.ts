/** Inject the {@link ChainRunnerEnvironment}. */
export const CHAIN_RUNNER_ENVIRONMENT = Symbol('CHAIN_RUNNER_ENVIRONMENT');
/** Inject the `Configuration` of `@tarsy/config`. */
export const CONFIGURATION = Symbol('CONFIGURATION');

export interface ChainRunnerEnvironment {
  /** `DATABASE_URL`: the role that owns the tables. */
  readonly databaseUrl: string;
  /** `WORKER_POOL`: whose workers run the tasks. Default `default`. */
  readonly workerPool: string;
}

/** @throws {TypeError} no database URL */
export function readEnvironment(environment: NodeJS.ProcessEnv): ChainRunnerEnvironment {
  const databaseUrl = environment['DATABASE_URL'];
  if (!databaseUrl) throw new TypeError('DATABASE_URL is not set; chain-runner keeps sessions in PostgreSQL');
  return { databaseUrl, workerPool: environment['WORKER_POOL'] || 'default' };
}
