import { CliError } from '../cli.errors.js';
import { ProcessRecord, recorded } from '../processes/process-record.js';
import { natsServer } from './nats.js';
import { postgresServer, type PostgresOptions } from './postgres.js';
import { redisServer } from './redis.js';
import type { ServerAddresses, ServerPlan } from './server-plan.js';
import { ServerProcess, type ServerProcessEvents } from './server-process.js';
import { serverSettings } from './server-settings.js';

/** The servers a system runs on: those named by the environment, and private ones for the rest. */
export class Servers {
  readonly #processes: ServerProcess[] = [];
  readonly #stopping = new AbortController();
  #starting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataDirectory: string,
    private readonly events: ServerProcessEvents,
    private readonly postgres: PostgresOptions = {},
  ) {}

  /** What was started here, or is being started. */
  get processes(): readonly ServerProcess[] {
    return this.#processes;
  }

  /**
   * `NATS_URL`, `DATABASE_URL` and `REDIS_URL` win; whatever is not named is provisioned below the data folder.
   *
   * @throws {CliError} what failed; `stop` ends what was started nevertheless
   */
  async start(environment: NodeJS.ProcessEnv = process.env): Promise<ServerAddresses> {
    const starting = this.#startAll(environment);
    this.#starting = starting.catch(() => undefined);
    return await starting;
  }

  /** Stops what was started here, also while it is still starting. */
  async stop(): Promise<void> {
    this.#stopping.abort(new CliError('stopped while the servers started'));
    await Promise.all(this.#processes.map((server) => server.stop()));
    await this.#starting;
  }

  /** Ends everything at once. */
  kill(): void {
    this.#stopping.abort(new CliError('stopped while the servers started'));
    for (const server of this.#processes) server.kill();
  }

  async #startAll(environment: NodeJS.ProcessEnv): Promise<ServerAddresses> {
    const { NATS_URL, DATABASE_URL, REDIS_URL, DATABASE_READER_URL, TARSY_NAMESPACE } = environment;
    const { dataDirectory } = this;
    const { say } = this.events;
    const { signal } = this.#stopping;
    const settings = await serverSettings(dataDirectory);
    const results = await Promise.allSettled([
      // A server that is not ours has users of its own; what they may do is for its operator to say.
      NATS_URL
        ? { natsUrl: NATS_URL, natsUrlOf: () => NATS_URL }
        : this.#run(natsServer(dataDirectory, settings, TARSY_NAMESPACE || 'tarsy', say, signal)),
      DATABASE_URL
        ? {
            databaseUrl: DATABASE_URL,
            databaseReaderUrl: DATABASE_READER_URL ?? DATABASE_URL,
            databaseAdministratorUrl: DATABASE_URL,
          }
        : this.#run(postgresServer(dataDirectory, settings, signal, this.postgres)),
      REDIS_URL ? { redisUrl: REDIS_URL } : this.#run(redisServer(dataDirectory, settings, say, signal)),
    ] as const);
    signal.throwIfAborted();
    const [nats, database, redis] = results;
    return { ...valueOf(nats), ...valueOf(database), ...valueOf(redis) };
  }

  async #run<Addresses>(planning: Promise<ServerPlan<Addresses>>): Promise<Addresses> {
    const { process, prepare, addresses } = await planning;
    this.#stopping.signal.throwIfAborted();
    const server = new ServerProcess(process, this.events);
    this.#processes.push(server);
    await server.start();
    await prepare?.();
    return addresses;
  }
}

function valueOf<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

export interface RunningServers extends ServerAddresses {
  /** What was started here. */
  readonly processes: readonly ServerProcess[];
  stop(): Promise<void>;
}

/** Servers for as long as the caller wants them, recorded in the data folder. @throws {CliError} what failed; nothing runs then */
export async function startServers(
  dataDirectory: string,
  say: (text: string) => void,
  environment?: NodeJS.ProcessEnv,
): Promise<RunningServers> {
  const record = new ProcessRecord(dataDirectory);
  const servers = new Servers(dataDirectory, { say, onChange: () => record.write(recorded(servers.processes)) });
  const stop = async (): Promise<void> => {
    await servers.stop();
    record.remove();
  };
  try {
    const addresses = await servers.start(environment);
    return { ...addresses, processes: servers.processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
