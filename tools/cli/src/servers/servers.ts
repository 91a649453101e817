import { startNats } from './nats.js';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import type { ServerProcess } from './server-process.js';
import { serverSettings } from './server-settings.js';

export interface ServerAddresses {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  /** Read-only role; the same as `databaseUrl` where the database is not ours. */
  readonly databaseReaderUrl: string;
  /** Role that may create databases: ours, else `databaseUrl`. */
  readonly databaseAdministratorUrl: string;
  readonly redisUrl: string;
}

/** The servers a system runs on: those named by the environment, and private ones for the rest. */
export interface RunningServers extends ServerAddresses {
  /** What was started here. */
  readonly processes: readonly ServerProcess[];
  /** Stops what was started here, last first. */
  stop(): Promise<void>;
}

/** `NATS_URL`, `DATABASE_URL` and `REDIS_URL` win; whatever is not named is provisioned below the data folder. */
export async function startServers(
  dataDirectory: string,
  say: (text: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RunningServers> {
  const { NATS_URL, DATABASE_URL, REDIS_URL, DATABASE_READER_URL } = environment;
  const settings = await serverSettings(dataDirectory);
  const processes: ServerProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const server of [...processes].reverse()) await server.stop();
  };
  const keep = <Started extends { server: ServerProcess }>(started: Started): Started => {
    processes.push(started.server);
    return started;
  };
  const results = await Promise.allSettled([
    NATS_URL ? { url: NATS_URL } : startNats(dataDirectory, settings, say).then(keep),
    DATABASE_URL
      ? { url: DATABASE_URL, readerUrl: DATABASE_READER_URL ?? DATABASE_URL, administratorUrl: DATABASE_URL }
      : startPostgres(dataDirectory, settings).then(keep),
    REDIS_URL ? { url: REDIS_URL } : startRedis(dataDirectory, settings, say).then(keep),
  ] as const);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [nats, database, redis] = results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as [
    { url: string },
    { url: string; readerUrl: string; administratorUrl: string },
    { url: string },
  ];
  return {
    natsUrl: nats.url,
    databaseUrl: database.url,
    databaseReaderUrl: database.readerUrl,
    databaseAdministratorUrl: database.administratorUrl,
    redisUrl: redis.url,
    processes,
    stop,
  };
}
