import { randomUUID } from 'node:crypto';
import type { JournalEntry, LifecycleEvent, StreamChunk } from '@tarsy/contracts';
import { sessionLifecycle, toolCallCompleted } from '@tarsy/contracts';
import { ChunkPublisher, JournalStore, MessagePublisher, Messaging, type SessionLogContent } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { createDataSource, migrate } from '@tarsy/persistence';
import { readServiceEnvironment, startService, type RunningService } from '@tarsy/service';
import { eventuallyWithin } from '@tarsy/testing';
import { afterAll, beforeAll } from 'vitest';
import type { Catalogue } from '../../../apps/stream-gateway/src/catalogue/catalogue.js';
import * as log from '../../../apps/stream-gateway/src/live/session-log.fixture.js';
import { streamGateway } from '../../../apps/stream-gateway/src/stream-gateway.service.js';
import { databaseUrlOf, onServer, required } from '../../test-servers.js';

const CATALOGUE: Catalogue = {
  alertTypes: {
    alert_types: [{ type: 'DiskFull', chain_id: 'disk', description: 'Disk investigation' }],
    default_chain_id: 'disk',
    default_alert_type: 'DiskFull',
  },
  hasRunbooks: true,
  defaultTools: () => ({
    mcp_servers: ['host'],
    native_tools: { google_search: false, code_execution: false, url_context: false },
  }),
  configuration: (prices) => ({
    defaults: { alert_type: 'DiskFull' },
    queue: {},
    system: { cost_estimation: { catalog: prices } },
    agents: {},
    chains: {},
    mcp_servers: {},
    llm_providers: {},
    skills: { disks: { name: 'disks', description: 'About disks' } },
  }),
  skill: (name) => (name === 'disks' ? { name, description: 'About disks', body: 'Look at them.' } : undefined),
};

/** A gateway with its own namespace and database, and what the other services would do. */
export class GatewayFixture {
  readonly #running: RunningService[] = [];
  readonly #namespace = `gateway-${randomUUID().slice(0, 8)}`;
  readonly #databaseName = `gateway_${randomUUID().slice(0, 8)}`;
  messaging!: Messaging;
  /** What the gateway logs to. */
  readonly logger = createSilentLogger();
  database!: ReturnType<typeof createDataSource>;

  /** @param dashboardDirectory Where the built dashboard is; none by default. */
  constructor(private readonly dashboardDirectory?: string) {
    beforeAll(() => this.#start());
    afterAll(() => this.#stop());
  }

  get url(): string {
    return `http://127.0.0.1:${this.#running[0]!.port}`;
  }

  get publisher(): MessagePublisher {
    return new MessagePublisher(this.messaging);
  }

  /** Starts one more replica. */
  async startReplica(): Promise<RunningService> {
    const environment = readServiceEnvironment('stream-gateway', {
      NATS_URL: required('NATS_URL'),
      TARSY_NAMESPACE: this.#namespace,
      SHUTDOWN_GRACE_MS: '1000',
    });
    const config = {
      databaseUrl: databaseUrlOf(this.#databaseName),
      dashboardDirectory: this.dashboardDirectory,
      estimatesCost: true,
      allowedOrigins: ['https://tarsy.example.com'],
      corsOrigins: ['https://tarsy.example.com'],
    };
    const service = await startService(streamGateway(config, CATALOGUE), environment, this.logger);
    this.#running.push(service);
    return service;
  }

  /** A row as chain-runner would have written it. */
  async storeSession(sessionId: string, status: string): Promise<void> {
    await this.database.query(
      `INSERT INTO alert_sessions (id, alert_data, alert_type, chain_id, status, severity, priority_rank, title, source, created_at)
       VALUES ($1, 'disk is full', 'DiskFull', 'disk', $2, 'warning', 2, 'Disk full', 'api', now())`,
      [sessionId, status],
    );
  }

  async #start(): Promise<void> {
    await onServer(`CREATE DATABASE ${this.#databaseName}`);
    this.database = createDataSource({ url: databaseUrlOf(this.#databaseName), applicationName: 'gateway-test' });
    await this.database.initialize();
    await migrate(this.database);
    this.messaging = await Messaging.connect(
      { url: required('NATS_URL'), namespace: this.#namespace, clientName: 'gateway-test' },
      createSilentLogger(),
    );
    await this.startReplica();
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#running.map((service) => service.stop()));
    await this.messaging.deleteTopology();
    await this.messaging.close();
    await this.database.destroy();
    await onServer(`DROP DATABASE ${this.#databaseName} WITH (FORCE)`);
  }
}

/** Plays one session: what chain-runner, agent-worker and mcp-broker would write into its log. */
export class SessionScript {
  readonly sessionId = randomUUID();
  readonly stageId = randomUUID();
  readonly executionId = randomUUID();

  constructor(private readonly messaging: Messaging) {}

  /** Appends contents made by the builders of the log fixture, as this session's. */
  async write(...contents: readonly SessionLogContent[]): Promise<void> {
    for (const content of contents) await this.#append(content);
  }

  chunk(entry: number, turn: number, offset: number, delta: string): void {
    const chunk: StreamChunk = { ...log.chunk(entry, turn, offset, delta), ...this.#place };
    new ChunkPublisher(this.messaging).publish(chunk);
  }

  /** Another stage answers questions. */
  #placeOf(event: LifecycleEvent): Partial<LifecycleEvent> {
    const isOfChat = 'stageId' in event && event.stageId === log.CHAT_STAGE_ID;
    return isOfChat ? { ...this.#place, stageId: event.stageId } : this.#place;
  }

  get #place(): { sessionId: string; stageId: string; executionId: string } {
    return { sessionId: this.sessionId, stageId: this.stageId, executionId: this.executionId };
  }

  async #append(content: SessionLogContent): Promise<void> {
    const publisher = new MessagePublisher(this.messaging);
    switch (content.kind) {
      case 'lifecycle':
        await publisher.publish(sessionLifecycle, {
          ...content.event,
          ...this.#placeOf(content.event),
        } as LifecycleEvent);
        return;
      case 'tool-result':
        await publisher.publishOnce(toolCallCompleted, { ...content.result, ...this.#place });
        return;
      case 'journal':
        return this.#journal(content.entry);
      case 'mailbox':
        return;
    }
  }

  async #journal(entry: JournalEntry): Promise<void> {
    const journal = await new JournalStore(this.messaging).open(this.sessionId, this.executionId);
    const { sessionId: _session, executionId: _execution, entry: _entry, at: _at, ...content } = entry;
    await journal.append({ ...content, stageId: this.stageId });
    journal.close();
  }
}

export const eventually = eventuallyWithin(10_000);
