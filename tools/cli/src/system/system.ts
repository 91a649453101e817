import { formatProblem, loadConfiguration } from '@tarsy/config';
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { CliError } from '../cli.errors.js';
import { keepLogsSmall } from '../processes/log-rotation.js';
import { ProcessRecord, recorded } from '../processes/process-record.js';
import { freePort, isFree } from '../servers/ports.js';
import { Servers } from '../servers/servers.js';
import { listenForControl } from './control.js';
import { buildDashboard } from './dashboard.js';
import { EdgeProxy } from './edge-proxy.js';
import { chooseModel } from './model-choice.js';
import { planServices, type App } from './service-plan.js';
import { ServiceProcess } from './service-process.js';
import type { ProcessStatus, SystemStatus } from './system-status.js';

export interface SystemOptions {
  readonly dataDirectory: string;
  readonly configDirectory: string | undefined;
  readonly host: string;
  /** Undefined: 8080, or the next free one. */
  readonly port: number | undefined;
  readonly replicas: Readonly<Partial<Record<App, number>>>;
}

/** Below `logs/`: what a detached system says. */
export const SUPERVISOR_LOG = 'supervisor.log';
const DEFAULT_PORT = 8_080;
const START_TIMEOUT_MS = 120_000;
/** Whoever takes work in goes first; chain-runner, which records what the others did, last. Those of one layer stop together. */
const STOP_LAYERS: readonly (readonly App[])[] = [
  ['ingest', 'stream-gateway'],
  ['agent-worker', 'notifier'],
  ['mcp-broker'],
  ['chain-runner'],
];

/** A whole running system: servers, services and the one port in front of them. */
export class System {
  readonly #servers: Servers;
  readonly #record: ProcessRecord;
  #services: ServiceProcess[] = [];
  #edge: EdgeProxy | undefined;
  #control: Server | undefined;
  #url = '';
  #model = '';
  #ready = false;
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  readonly #interruption = new AbortController();
  readonly #startedAt = new Date().toISOString();
  readonly #stopped = Promise.withResolvers<void>();

  constructor(
    private readonly options: SystemOptions,
    private readonly say: (text: string) => void,
  ) {
    this.#servers = new Servers(options.dataDirectory, { say, onChange: () => this.#save() });
    this.#record = new ProcessRecord(options.dataDirectory);
  }

  get url(): string {
    return this.#url;
  }

  /** Resolves when the system has been stopped, by whomever. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** @throws {CliError} what keeps it from starting; everything that was started is stopped again */
  async start(): Promise<void> {
    const { dataDirectory } = this.options;
    mkdirSync(join(dataDirectory, 'logs'), { recursive: true, mode: 0o700 });
    this.#control = await listenForControl(dataDirectory, {
      status: () => this.status(),
      stop: () => void this.stop(),
    });
    this.#starting = this.#startAll();
    try {
      await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Services last to first, then the servers; also while they are still starting. Repeated calls wait for the same end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Ends everything at once, without giving anybody time. */
  kill(): void {
    this.#interruption.abort();
    for (const service of this.#services) service.kill();
    this.#servers.kill();
  }

  status(): SystemStatus {
    return {
      ready: this.#ready,
      url: this.#url,
      dataDirectory: this.options.dataDirectory,
      configDirectory: this.options.configDirectory ?? 'config',
      pid: process.pid,
      startedAt: this.#startedAt,
      model: this.#model,
      processes: [...this.#serverStatus(), ...this.#services.map(serviceStatus), ...this.#edgeStatus()],
    };
  }

  async #startAll(): Promise<void> {
    const { dataDirectory, configDirectory, host, replicas } = this.options;
    const { signal } = this.#interruption;
    const environment = process.env;
    await this.#record.stopLeftovers(this.say);
    const configuration = loadConfiguration({
      ...(configDirectory ? { directory: configDirectory } : {}),
      environment,
    });
    for (const warning of configuration.warnings) this.say(`warning: ${formatProblem(warning)}`);
    const port = await this.#publicPort();
    this.#url = `http://${hostInUrl(host)}:${port}`;
    this.say('starting NATS, PostgreSQL and Redis ...');
    const [servers, dashboardDirectory, model] = await Promise.all([
      this.#servers.start(),
      buildDashboard(this.say, signal),
      chooseModel(configuration, environment),
    ]);
    signal.throwIfAborted();
    this.#model = model.explanation;
    this.say(`model: ${model.explanation}`);
    const plans = planServices({
      replicas,
      namespace: environment['TARSY_NAMESPACE'] || 'tarsy',
      configuration,
      servers,
      defaultProvider: model.defaultProvider,
      modelEnvironment: model.modelEnvironment,
      dashboardDirectory,
      environment,
    });
    this.say(`starting ${plans.map(({ name }) => name).join(', ')} ...`);
    this.#services = await Promise.all(
      plans.map((plan) => {
        const logFile = join(dataDirectory, 'logs', `${plan.name}.log`);
        return ServiceProcess.create(plan, logFile, this.say, () => this.#save());
      }),
    );
    signal.throwIfAborted();
    keepLogsSmall(() => this.#logFiles(), this.say);
    for (const service of this.#services) service.start();
    const giveUpAtMs = Date.now() + START_TIMEOUT_MS;
    await Promise.all(this.#services.map((service) => service.untilServing(giveUpAtMs)));
    signal.throwIfAborted();
    this.#edge = await EdgeProxy.listen(host, port, () =>
      this.#services
        .filter(({ isServing }) => isServing)
        .map((service) => ({ app: service.plan.app, port: service.port })),
    );
    this.#ready = true;
    this.#save();
  }

  async #publicPort(): Promise<number> {
    const { port, host } = this.options;
    if (port === 0) return await freePort(0, host);
    if (port !== undefined) {
      if (!(await isFree(port, host))) throw new CliError(`port ${port} is taken; choose another one with --port`);
      return port;
    }
    for (let candidate = DEFAULT_PORT; candidate < DEFAULT_PORT + 100; candidate++) {
      if (!(await isFree(candidate, host))) continue;
      if (candidate !== DEFAULT_PORT) this.say(`port ${DEFAULT_PORT} is taken; using ${candidate}`);
      return candidate;
    }
    throw new CliError(`no free port from ${DEFAULT_PORT} on; choose one with --port`);
  }

  async #stopAll(): Promise<void> {
    this.#ready = false;
    this.#interruption.abort(new CliError('stopped while it started'));
    await this.#edge?.close();
    for (const layer of STOP_LAYERS)
      await Promise.all(this.#services.filter(({ plan }) => layer.includes(plan.app)).map((service) => service.stop()));
    await this.#servers.stop();
    // Ends soon: every step of it has been interrupted. Nothing starts after this.
    await this.#starting.catch(() => undefined);
    this.#record.remove();
    this.#control?.close();
    this.#control?.closeAllConnections();
    this.#stopped.resolve();
  }

  #save(): void {
    const services = this.#services.map(({ plan, identity }) => ({ name: plan.name, identity, stopSignal: 'SIGTERM' }) as const); // prettier-ignore
    this.#record.write(recorded([...services, ...this.#servers.processes]));
  }

  #logFiles(): string[] {
    return [
      join(this.options.dataDirectory, 'logs', SUPERVISOR_LOG),
      ...[...this.#services, ...this.#servers.processes].map(({ logFile }) => logFile),
    ];
  }

  #serverStatus(): ProcessStatus[] {
    return this.#servers.processes.map((server) => ({
      kind: 'server',
      name: server.name,
      app: server.name,
      replica: 1,
      pid: server.pid,
      port: server.port,
      health: server.health,
      restarts: server.restarts,
      version: server.version,
    }));
  }

  #edgeStatus(): ProcessStatus[] {
    if (!this.#edge) return [];
    const port = Number(new URL(this.#url).port);
    return [
      { kind: 'edge', name: 'edge', app: 'edge', replica: 1, pid: process.pid, port, health: 'healthy', restarts: 0 },
    ];
  }
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function serviceStatus({ plan, pid, port, health, restarts }: ServiceProcess): ProcessStatus {
  return { kind: 'service', name: plan.name, app: plan.app, replica: plan.number, pid, port, health, restarts };
}
