import { loadConfiguration } from '@tarsy/config';
import { subjects, toolCallRequested, type ToolCallCompleted, type ToolCallRequested } from '@tarsy/contracts';
import { JournalStore, MessagePublisher, Messaging } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { readServiceEnvironment, startService, type RunningService } from '@tarsy/service';
import { eventuallyWithin } from '@tarsy/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { stringify } from 'yaml';
import { readBrokerEnvironment, type BrokerEnvironment } from '../../../apps/mcp-broker/src/mcp-broker.config.js';
import { mcpBroker } from '../../../apps/mcp-broker/src/mcp-broker.service.js';
import { required } from '../../test-servers.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const TOOL_SERVER = join(ROOT, 'tests/integration/mcp-broker/tool-server.ts');
const BROKER = join(ROOT, 'apps/mcp-broker/dist/main.js');
export const EVERYTHING = join(ROOT, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');

/** As under `mcp_servers` in tarsy.yaml. */
export type ServerSettings = Readonly<Record<string, unknown>>;

export interface BrokerSettings {
  /** As under `system` in tarsy.yaml. */
  readonly system?: object;
  readonly environment?: Partial<BrokerEnvironment>;
}

/** Brokers on a real NATS server with real tool servers; the test plays the worker. */
export interface BrokerFixture {
  readonly messaging: Messaging;
  /** A folder of the current test's own, which the fixture's tool server writes to. */
  readonly folder: string;
  /** The tool server of `tool-server.ts` over stdio, writing to the folder. */
  toolServer(environment?: Record<string, string>): ServerSettings;
  startBroker(
    servers: Record<string, ServerSettings>,
    graceMs?: number,
    more?: BrokerSettings,
  ): Promise<RunningService>;
  /** As a process of its own, for tests that kill it. */
  spawnBroker(servers: Record<string, ServerSettings>, environment?: Record<string, string>): Promise<ChildProcess>;
  /** Starts a program that is ended after the test. */
  spawnProgram(path: string, args: string[], environment: Record<string, string>): ChildProcess;
  request(server: string, tool: string, given?: object, changes?: Partial<ToolCallRequested>): Promise<ToolCallRequested>; // prettier-ignore
  resultOf(call: ToolCallRequested): Promise<ToolCallCompleted>;
  /** Requests a call and waits for its result. */
  call(server: string, tool: string, given?: object, changes?: Partial<ToolCallRequested>): Promise<ToolCallCompleted>;
  /** Lines that the tool server wrote about the runs of a key. */
  runsOf(key: string): string[];
  release(key: string): void;
  /** Unacknowledged and waiting requests for a server. */
  queued(server: string): Promise<number>;
}

export function useBrokers(): BrokerFixture {
  const natsUrl = required('NATS_URL');
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const services: RunningService[] = [];
  const processes: ChildProcess[] = [];
  let messaging: Messaging;
  let publisher: MessagePublisher;
  let folder: string | undefined;

  const configure = (servers: Record<string, ServerSettings>, system: object = {}): string => {
    const directory = mkdtempSync(join(own(), 'config-'));
    writeFileSync(join(directory, 'tarsy.yaml'), stringify({ mcp_servers: servers, system }));
    writeFileSync(join(directory, 'llm-providers.yaml'), '{}');
    return directory;
  };
  const own = (): string => (folder ??= mkdtempSync(join(tmpdir(), 'tarsy-broker-')));

  const request: BrokerFixture['request'] = async (server, tool, given = {}, changes = {}) => {
    const call = {
      sessionId: randomUUID(),
      stageId: randomUUID(),
      executionId: randomUUID(),
      callId: '1-1',
      server,
      tool,
      arguments: given as Record<string, unknown>,
      timeoutMs: 20_000,
      requestedAt: new Date().toISOString(),
      ...changes,
    };
    await publisher.publish(toolCallRequested, call);
    return call;
  };
  const resultOf: BrokerFixture['resultOf'] = async ({ sessionId, executionId, callId }) => {
    const journal = await new JournalStore(messaging).open(sessionId, executionId);
    try {
      return await journal.waitForToolResult(callId, AbortSignal.timeout(40_000));
    } finally {
      journal.close();
    }
  };

  beforeAll(async () => {
    messaging = await Messaging.connect({ url: natsUrl, namespace, clientName: namespace }, createSilentLogger());
    await messaging.ensureTopology();
    publisher = new MessagePublisher(messaging);
  });
  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.stop()));
    await Promise.all(processes.splice(0).map(end));
    await messaging.manager.streams.purge(messaging.names.stream('TOOLCALLS'));
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
  });
  afterAll(async () => {
    await messaging.deleteTopology();
    await messaging.close();
  });

  return {
    get messaging() {
      return messaging;
    },
    get folder() {
      return own();
    },
    toolServer: (environment = {}) => ({
      transport: {
        type: 'stdio',
        command: process.execPath,
        args: [TOOL_SERVER],
        env: { RUNS_FOLDER: own(), ...environment },
      },
    }),
    startBroker: async (servers, graceMs = 200, more = {}) => {
      const configuration = loadConfiguration({ directory: configure(servers, more.system), environment: {} });
      const environment = readServiceEnvironment('mcp-broker', {
        NATS_URL: natsUrl,
        TARSY_NAMESPACE: namespace,
        SHUTDOWN_GRACE_MS: String(graceMs),
      });
      const service = await startService(
        mcpBroker(configuration, { ...readBrokerEnvironment({}), ...more.environment }),
        environment,
        createSilentLogger(),
      );
      services.push(service);
      return service;
    },
    spawnBroker: async (servers, environment = {}) => {
      const child = spawn(process.execPath, [BROKER], {
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          NATS_URL: natsUrl,
          TARSY_NAMESPACE: namespace,
          CONFIG_DIR: configure(servers),
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      processes.push(child);
      for await (const line of child.stdout) if (String(line).includes('service.ready')) break;
      child.stdout.resume();
      return child;
    },
    spawnProgram: (path, args, environment) => {
      const child = spawn(process.execPath, [path, ...args], {
        env: { PATH: process.env['PATH'], ...environment },
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      processes.push(child);
      return child;
    },
    request,
    resultOf,
    call: async (...parts) => await resultOf(await request(...parts)),
    runsOf: (key) => readLines(join(own(), 'runs')).filter((line) => line.split(' ')[1] === key),
    release: (key) => writeFileSync(join(own(), `release-${key}`), ''),
    queued: async (server) => {
      const stream = messaging.names.stream('TOOLCALLS');
      const filter = messaging.names.qualify(subjects.toolCall(server));
      const { state } = await messaging.manager.streams.info(stream, { subjects_filter: filter });
      return state.subjects?.[filter] ?? 0;
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

export const eventually = eventuallyWithin(20_000);
