import { loadConfiguration } from '@tarsy/config';
import { Messaging } from '@tarsy/messaging';
import { createLogger } from '@tarsy/observability';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli.errors.js';
import type { ServerAddresses } from '../servers/server-plan.js';
import { runStatement, withDatabase } from '../servers/sql.js';
import { DatabaseUse } from './database-use.js';
import { APPS, planServices, type App } from '../system/service-plan.js';
import { ServiceProcess } from '../system/service-process.js';

const START_TIMEOUT_MS = 60_000;

export interface BenchSystemOptions {
  /** Lower-case letters and digits; part of the name of the database. */
  readonly name: string;
  readonly tarsyYaml: string;
  readonly providersYaml: string;
  /** Default: one of each. */
  readonly apps?: readonly App[];
  /** Where there are more than one. */
  readonly replicas?: Readonly<Partial<Record<App, number>>>;
  /** Added to what `./tarsy up` would give the services. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface BenchSystemPlace {
  readonly servers: ServerAddresses;
  /** The only one that the users of the NATS server may use; emptied after each system. */
  readonly namespace: string;
  /** For configuration and logs. */
  readonly folder: string;
  /** Where each service leaves a processor profile when it stops. */
  readonly profileDirectory: string | undefined;
  readonly onChange: () => void;
}

/** The real services as processes, started as `./tarsy up` does, with a database of their own. */
export class BenchSystem {
  private constructor(
    readonly services: readonly ServiceProcess[],
    /** Connection of the benchmark itself, in the system's namespace. */
    readonly messaging: Messaging,
    private readonly administratorUrl: string,
    private readonly databaseName: string,
  ) {}

  /** @throws {CliError} a service does not start */
  static async start(options: BenchSystemOptions, place: BenchSystemPlace): Promise<BenchSystem> {
    const { namespace } = place;
    const name = `${namespace}_${options.name}`;
    const configDirectory = join(place.folder, name);
    mkdirSync(configDirectory, { recursive: true });
    writeFileSync(join(configDirectory, 'tarsy.yaml'), options.tarsyYaml);
    writeFileSync(join(configDirectory, 'llm-providers.yaml'), options.providersYaml);
    const { databaseAdministratorUrl, natsUrl } = place.servers;
    await runStatement(databaseAdministratorUrl, `CREATE DATABASE ${name}`);
    const databaseUrl = withDatabase(databaseAdministratorUrl, name);
    const plans = planServices({
      replicas: Object.fromEntries(
        APPS.map((app) => [app, (options.apps ?? APPS).includes(app) ? (options.replicas?.[app] ?? 1) : 0]),
      ),
      namespace,
      configuration: loadConfiguration({ directory: configDirectory, environment: process.env }),
      servers: { ...place.servers, databaseUrl, databaseReaderUrl: databaseUrl },
      defaultProvider: undefined,
      modelEnvironment: {},
      dashboardDirectory: undefined,
      environment: { ...process.env, ...options.environment },
    });
    const profiling = place.profileDirectory && `--cpu-prof --cpu-prof-dir=${join(place.profileDirectory, options.name)}`; // prettier-ignore
    const services = await Promise.all(
      plans.map((plan) => {
        const environment = { ...plan.environment, ...(profiling ? { NODE_OPTIONS: profiling } : {}) };
        const logFile = join(configDirectory, `${plan.name}.log`);
        return ServiceProcess.create({ ...plan, environment }, logFile, () => undefined, place.onChange);
      }),
    );
    const logger = createLogger({ app: 'bench', replica: '1', level: 'silent' });
    const messaging = await Messaging.connect({ url: natsUrl, namespace, clientName: 'bench' }, logger);
    // Services may not do this themselves, except for chain-runner, which does not run in every benchmark.
    await messaging.ensureTopology();
    const system = new BenchSystem(services, messaging, databaseAdministratorUrl, name);
    await system.#start();
    return system;
  }

  async #start(): Promise<void> {
    for (const service of this.services) service.start();
    const giveUpAtMs = Date.now() + START_TIMEOUT_MS;
    try {
      await Promise.all(this.services.map((service) => service.untilServing(giveUpAtMs)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Base URL of one service, such as `http://127.0.0.1:40123`. */
  url(app: App): string {
    return `http://127.0.0.1:${this.#service(app).port}`;
  }

  /** Begins to count the statements of its services. @returns undefined where PostgreSQL does not count */
  countStatements(): Promise<DatabaseUse | undefined> {
    return DatabaseUse.begin(this.administratorUrl, this.databaseName);
  }

  /** @throws {CliError} a service died meanwhile: what was measured is worth nothing */
  assertUnbroken(): void {
    for (const { plan, restarts, logFile } of this.services)
      if (restarts > 0) throw new CliError(`${plan.name} died during the benchmark; see ${logFile}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
    await this.messaging.deleteTopology();
    await this.messaging.close();
    await runStatement(this.administratorUrl, `DROP DATABASE IF EXISTS ${this.databaseName} WITH (FORCE)`);
  }

  kill(): void {
    for (const service of this.services) service.kill();
  }

  #service(app: App): ServiceProcess {
    const found = this.services.find(({ plan }) => plan.app === app);
    if (found === undefined) throw new CliError(`the benchmark runs no ${app}`);
    return found;
  }
}
