import { derivedId } from '@tarsy/core';
import { lastAnswer } from '@tarsy/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NatsIdentity, SessionDetail } from '@tarsy/contracts';
import { natsRefusals } from './nats-refusals.js';
import { serverSentEvents } from '../../tools/cli/src/commands/server-sent-events.js';
import { freePort } from '../../tools/cli/src/servers/ports.js';
import { startServers, type RunningServers } from '../../tools/cli/src/servers/servers.js';
import { runStatement, withDatabase } from '../../tools/cli/src/servers/sql.js';
import { required } from '../test-servers.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type AppName = 'ingest' | 'chain-runner' | 'agent-worker' | 'mcp-broker' | 'notifier' | 'stream-gateway';

export interface SystemOptions {
  /** Contents of tarsy.yaml and llm-providers.yaml. */
  readonly tarsyYaml: string;
  readonly providersYaml: string;
  /** Files of the configuration's `skills` folder, by their path in it. */
  readonly skills?: Readonly<Record<string, string>>;
  /** Added to the environment of every agent-worker: model keys. */
  readonly workerEnvironment?: Readonly<Record<string, string>>;
  /** Default: one of each, and no notifier. */
  readonly replicas?: Partial<Record<AppName, number>>;
  /** Added to the environment of every service. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: one that nobody else has. */
  readonly namespace?: string;
  /** Default: those of the test run, with a NATS of its own whose users may do only what they need. */
  readonly servers?: ServerUrls;
}

/** Where NATS, PostgreSQL (as a role that may create databases) and Redis are. */
export interface ServerUrls {
  /** As an operator. */
  readonly natsUrl: string;
  /** As somebody who may do only what the contracts say. */
  readonly natsUrlOf: (identity: NatsIdentity) => string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

export interface Replica {
  readonly name: string;
  readonly app: AppName;
  readonly port: number;
  process: ChildProcess;
  readonly environment: Readonly<Record<string, string>>;
}

/** The real services as processes, on the test run's servers, with a namespace and a database of their own. */
export class TestSystem {
  readonly replicas: Replica[] = [];
  private constructor(
    readonly namespace: string,
    readonly folder: string,
    private readonly databaseName: string,
    readonly servers: ServerUrls,
    private readonly ownServers: RunningServers | undefined,
  ) {}

  static async start(name: string, options: SystemOptions): Promise<TestSystem> {
    const namespace = options.namespace ?? `${name}${derivedId(name, process.pid, Date.now()).slice(0, 6)}`;
    const databaseName = `e2e_${namespace}`;
    const folder = mkdtempSync(join(tmpdir(), `tarsy-${name}-`));
    const ownServers = options.servers ? undefined : await startNats(folder, namespace);
    const servers = options.servers ?? {
      ...ownServers!,
      databaseUrl: required('DATABASE_URL'),
      redisUrl: required('REDIS_URL'),
    };
    await runStatement(servers.databaseUrl, `CREATE DATABASE ${databaseName}`);
    const system = new TestSystem(namespace, folder, databaseName, servers, ownServers);
    mkdirSync(join(folder, 'config'));
    writeFileSync(join(folder, 'config', 'tarsy.yaml'), options.tarsyYaml);
    writeFileSync(join(folder, 'config', 'llm-providers.yaml'), options.providersYaml);
    for (const [path, text] of Object.entries(options.skills ?? {})) {
      const file = join(folder, 'config', 'skills', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const apps: AppName[] = ['chain-runner', 'mcp-broker', 'agent-worker', 'notifier', 'ingest', 'stream-gateway'];
    try {
      for (const app of apps) {
        const count = options.replicas?.[app] ?? (app === 'notifier' ? 0 : 1);
        for (let number = 1; number <= count; number++)
          await system.#launch(app, number, {
            ...options.environment,
            ...(app === 'agent-worker' ? options.workerEnvironment : {}),
          });
      }
      await Promise.all(system.replicas.map((replica) => system.untilHealthy(replica)));
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  get databaseUrl(): string {
    return withDatabase(this.servers.databaseUrl, this.databaseName);
  }

  replica(app: AppName, number = 1): Replica {
    const found = this.replicas.filter((replica) => replica.app === app)[number - 1];
    if (!found) throw new Error(`there is no ${app} ${number}`);
    return found;
  }

  /** Base URL of one service, such as `http://127.0.0.1:40123`. */
  url(app: AppName, number = 1): string {
    return `http://127.0.0.1:${this.replica(app, number).port}`;
  }

  async submit(
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.url('ingest')}/api/v1/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async get<Answer = Record<string, unknown>>(path: string): Promise<Answer> {
    const response = await fetch(`${this.url('stream-gateway')}/api/v1${path}`);
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** Follows the session's live stream until its `session.status` is terminal; all events seen, in order. */
  async watch(sessionId: string, until = isTerminal, signal?: AbortSignal): Promise<LiveEvent[]> {
    const response = await fetch(`${this.url('stream-gateway')}/api/v1/sessions/${sessionId}/stream`, {
      signal: signal ?? null,
    });
    if (!response.ok || !response.body) throw new Error(`the stream of ${sessionId} answered ${response.status}`);
    const events: LiveEvent[] = [];
    for await (const event of liveEvents(response.body)) {
      events.push(event);
      if (until(event)) break;
    }
    return events;
  }

  /** The session as the API shows it once its terminal status is stored. */
  async finished(sessionId: string): Promise<SessionDetail> {
    await this.watch(sessionId);
    return await this.eventually(
      () => this.get<SessionDetail>(`/sessions/${sessionId}`),
      (session) => TERMINAL.has(session.status),
    );
  }

  /** Asks again until the answer fits; the test's own timeout is the bound. */
  async eventually<Answer>(ask: () => Promise<Answer>, fits: (answer: Answer) => boolean): Promise<Answer> {
    return await lastAnswer(ask, fits, { timeoutMs: Infinity, everyMs: 50 });
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.replicas.map(async ({ process: child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await exited;
        clearTimeout(force);
      }),
    );
    await this.ownServers?.stop();
    await runStatement(this.servers.databaseUrl, `DROP DATABASE IF EXISTS ${this.databaseName} WITH (FORCE)`);
    this.#assertNothingWasRefused();
  }

  #assertNothingWasRefused(): void {
    if (this.ownServers === undefined) return;
    const refusals = natsRefusals(this.folder);
    rmSync(join(this.folder, 'nats'), { recursive: true, force: true });
    if (refusals.length > 0) throw new Error(`NATS refused what services need:\n${refusals.join('\n')}`);
  }

  /** Sends the signal and waits until the process is gone. */
  async kill({ process: child }: Replica, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Starts a replica that has ended again, on the same port and with the same environment, as a supervisor would. */
  async restart(replica: Replica): Promise<void> {
    replica.process = this.#spawn(replica.name, replica.app, replica.environment);
    await this.untilHealthy(replica);
  }

  async untilHealthy(replica: Replica): Promise<void> {
    for (;;) {
      if (replica.process.exitCode !== null)
        throw new Error(
          `${replica.name} exited with ${replica.process.exitCode}; see ${join(this.folder, `${replica.name}.log`)}`,
        );
      // Somebody else may have taken the port meanwhile, and never answer.
      const signal = AbortSignal.timeout(5_000);
      const healthy = await fetch(`http://127.0.0.1:${replica.port}/health`, { signal }).then(
        (response) => response.ok,
        () => false,
      );
      if (healthy) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #launch(app: AppName, number: number, more: Readonly<Record<string, string>> = {}): Promise<void> {
    const port = await freePort();
    const environment: Record<string, string> = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      TARSY_REPLICA: `${app}-${number}`,
      TARSY_NAMESPACE: this.namespace,
      NATS_URL: this.servers.natsUrlOf(app),
      REDIS_URL: this.servers.redisUrl,
      CONFIG_DIR: join(this.folder, 'config'),
      HTTP_PORT: String(port),
      SHUTDOWN_GRACE_MS: '5000',
      ...(app === 'chain-runner' ? { DATABASE_URL: this.databaseUrl } : {}),
      ...(app === 'stream-gateway' ? { DATABASE_READER_URL: this.databaseUrl } : {}),
      ...more,
    };
    const name = `${app}-${number}`;
    this.replicas.push({ name, app, port, environment, process: this.#spawn(name, app, environment) });
  }

  #spawn(name: string, app: AppName, environment: Readonly<Record<string, string>>): ChildProcess {
    const child = spawn(process.execPath, ['--enable-source-maps', join(ROOT, 'apps', app, 'dist', 'main.js')], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(this.folder, `${name}.log`), { flags: 'a' });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    return child;
  }
}

/** PostgreSQL and Redis are those of the test run. */
async function startNats(folder: string, namespace: string): Promise<RunningServers> {
  const { NATS_URL: _, ...environment } = process.env;
  return await startServers(folder, () => undefined, { ...environment, TARSY_NAMESPACE: namespace });
}

export interface LiveEvent {
  /** `id:` of the event; empty for those that are not stored. */
  readonly id: string;
  readonly data: Record<string, unknown> & { type: string };
}

const TERMINAL = new Set(['completed', 'failed', 'cancelled', 'timed_out']);

function isTerminal({ data }: LiveEvent): boolean {
  return data.type === 'session.status' && TERMINAL.has(String(data['status']));
}

/** The live events of a stream of stream-gateway. */
export async function* liveEvents(body: ReadableStream<Uint8Array>): AsyncIterable<LiveEvent> {
  for await (const { id, data } of serverSentEvents(body))
    if (data !== '') yield { id, data: JSON.parse(data) as LiveEvent['data'] };
}
