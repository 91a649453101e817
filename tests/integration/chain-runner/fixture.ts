import { loadConfiguration, type Configuration } from '@tarsy/config';
import {
  alertAccepted,
  cancelExecution,
  cancelSession,
  chatMessage,
  chatReplySchema,
  commandReplySchema,
  executionOutcome,
  executionParked,
  resumeSession,
  subjectFilters,
  taskScheduled,
  type AlertAccepted,
  type CancelSession,
  type ChatMessage,
  type ChatReply,
  type CommandReply,
  type ExecutionOutcome,
  type LifecycleEvent,
  type MailboxMessage,
  type TaskScheduled,
} from '@tarsy/contracts';
import { newId } from '@tarsy/core';
import { ConsumerHost, JournalStore, MessagePublisher, Messaging, SessionLog } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { createDataSource, migrate, SessionsReader } from '@tarsy/persistence';
import { readServiceEnvironment, startService, type RunningService } from '@tarsy/service';
import { eventuallyWithin } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { chainRunner } from '../../../apps/chain-runner/src/chain-runner.service.js';
import { databaseUrlOf, onServer, required } from '../../test-servers.js';

const CHAINS = `
system: { cost_estimation: { model_rates: { priced-model: { input_per_million: 3, output_per_million: 12 } } } }
agents:
  Analyst: { description: looks at disks }
  Skeptic: { description: doubts }
  Remediator: { description: repairs, type: action }
agent_chains:
  any-of-two:
    alert_types: [Any]
    stages:
      - { name: look, agents: [{ name: Analyst }, { name: Skeptic }], success_policy: any }
      - { name: decide, agents: [{ name: Analyst }] }
  all-of-two:
    alert_types: [All]
    stages:
      - { name: first, agents: [{ name: Analyst }] }
      - { name: look, agents: [{ name: Analyst }, { name: Skeptic }], success_policy: all }
      - { name: decide, agents: [{ name: Analyst }] }
  replicas:
    alert_types: [Replicas]
    stages: [{ name: look, agents: [{ name: Analyst }], replicas: 3 }]
  orchestrated:
    alert_types: [Orchestrated]
    stages: [{ name: look, agents: [{ name: Analyst }], sub_agents: [Skeptic, { name: Analyst, max_iterations: 3 }] }]
  orchestrated-pair:
    alert_types: [OrchestratedPair]
    stages: [{ name: look, agents: [{ name: Analyst, sub_agents: [Skeptic] }, { name: Skeptic }], success_policy: any, timeout: 5m }]
  one-stage:
    alert_types: [DiskFull]
    stages: [{ name: look, agents: [{ name: Analyst }] }]
  two-stages:
    alert_types: [Slow]
    stages:
      - { name: look, agents: [{ name: Analyst }] }
      - { name: compare, agents: [{ name: Analyst }] }
  limited:
    alert_types: [Limited]
    max_concurrent_sessions: 2
    llm_provider: priced
    budget: { max_tokens: 1000, max_tool_calls: 9, max_cost_usd: 2, max_wall_time: 10m }
    stages:
      - { name: first, agents: [{ name: Analyst, force_conclusion_at_max_iterations: false }], timeout: 3m }
      - { name: look, agents: [{ name: Analyst }, { name: Skeptic }] }
  repair:
    alert_types: [Repair]
    stages: [{ name: repair, agents: [{ name: Remediator }] }]
  hurried:
    alert_types: [Hurried]
    stages:
      - { name: first, agents: [{ name: Analyst }] }
      - { name: look, agents: [{ name: Analyst }, { name: Skeptic }], timeout: 1ms }
  no-chat:
    alert_types: [Quiet]
    stages: [{ name: look, agents: [{ name: Analyst }] }]
    chat: { enabled: false, agent: ChatAgent }
  talkative:
    alert_types: [Talkative]
    stages:
      - { name: look, agents: [{ name: Analyst }, { name: Skeptic }] }
      - { name: repair, agents: [{ name: Remediator }] }
    chat: { enabled: true, agent: ChatAgent, max_iterations: 7, sub_agents: [Skeptic] }
`;

const PROVIDERS = 'llm_providers: { priced: { type: openai, model: priced-model } }';

/** Answers a task as a worker would; undefined leaves the execution running. */
export type WorkerAnswer = (task: TaskScheduled) => Partial<ExecutionOutcome> | undefined;

export interface RunnerFixtureOptions {
  readonly maxConcurrentSessions?: number;
  /** Default 40 minutes. */
  readonly sessionTimeoutMs?: number;
}

/** Chain-runners on a real NATS server and a database of their own; the test plays ingest, the gateway and the workers. */
export class RunnerFixture {
  readonly #running: RunningService[] = [];
  readonly #deaths = new Map<RunningService, () => void>();
  readonly #namespace = `runner-${randomUUID().slice(0, 8)}`;
  readonly #databaseName = `runner_${randomUUID().slice(0, 8)}`;
  readonly #directory = mkdtempSync(join(tmpdir(), 'tarsy-config-'));
  /** Every task that was delivered to a worker, in order. */
  readonly tasks: TaskScheduled[] = [];
  readonly silent: WorkerAnswer = () => undefined;
  readonly succeed: WorkerAnswer = ({ stage }) => ({ status: 'completed', result: `result of ${stage.name}` });
  answer: WorkerAnswer = this.silent;
  messaging!: Messaging;
  publisher!: MessagePublisher;
  database!: DataSource;

  constructor(private readonly options: RunnerFixtureOptions = {}) {
    beforeAll(() => this.#start());
    afterEach(async () => {
      await this.stopRunners();
      this.answer = this.silent;
    });
    afterAll(() => this.#stop());
  }

  get reader(): SessionsReader {
    return new SessionsReader(this.database);
  }

  get configuration(): Configuration {
    const loaded = loadConfiguration({ directory: this.#directory, environment: {} });
    const { maxConcurrentSessions = 5, sessionTimeoutMs = 40 * 60_000 } = this.options;
    return { ...loaded, queue: { ...loaded.queue, maxConcurrentSessions, sessionTimeoutMs } };
  }

  async startRunner(replica = 'chain-runner-1'): Promise<RunningService> {
    const environment = readServiceEnvironment('chain-runner', {
      NATS_URL: required('NATS_URL'),
      TARSY_NAMESPACE: this.#namespace,
      TARSY_REPLICA: replica,
      SHUTDOWN_GRACE_MS: '5000',
    });
    const own = {
      databaseUrl: this.databaseUrl(),
      workerPool: 'default',
      priceCatalogueUrl: undefined,
      firstTokenTimeoutMs: 120_000,
      stallTimeoutMs: 60_000,
    };
    const options = chainRunner(own, this.configuration);
    const service = await startService(options, environment, createSilentLogger());
    this.#running.push(service);
    return service;
  }

  /**
   * Lets a replica publish `count` messages more; the one after them never gets out. Resolves when the replica hangs there.
   * {@link kill} ends it.
   */
  cutOff(service: RunningService, count: number): Promise<void> {
    const publisher = service.app.get(MessagePublisher);
    const dead = new Promise<never>((_, reject) => this.#deaths.set(service, () => reject(new Error('killed'))));
    dead.catch(() => undefined);
    let left = count;
    return new Promise((hangs) => {
      for (const method of ['publish', 'publishAt'] as const) {
        const original = publisher[method].bind(publisher) as (...given: unknown[]) => Promise<never>;
        Object.assign(publisher, {
          [method]: async (...given: unknown[]) => {
            if (left-- > 0) return await original(...given);
            hangs();
            return await dead;
          },
        });
      }
    });
  }

  /** Ends a replica that {@link cutOff} made hang; what it had not acknowledged goes to others. */
  async kill(service: RunningService): Promise<void> {
    await service.app.get(ConsumerHost).shutdown(0);
    this.#deaths.get(service)!();
    await service.stop();
  }

  async stopRunners(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((service) => service.stop()));
  }

  alert(changes: Partial<AlertAccepted> = {}): AlertAccepted {
    return {
      sessionId: newId(),
      acceptedAt: new Date().toISOString(),
      source: 'api',
      data: 'disk is full on node-1',
      alertType: 'DiskFull',
      chainId: 'one-stage',
      severity: 'warning',
      title: 'Disk full',
      fingerprints: [],
      labels: {},
      ...changes,
    };
  }

  async submit(changes: Partial<AlertAccepted> = {}): Promise<string> {
    const alert = this.alert(changes);
    await this.publisher.publish(alertAccepted, alert);
    return alert.sessionId;
  }

  outcome(
    { sessionId, stageId, executionId, wakeCount }: TaskScheduled,
    changes: Partial<ExecutionOutcome> = {},
  ): ExecutionOutcome {
    return {
      ...{ sessionId, stageId, executionId, wakeCount },
      status: 'completed',
      result: 'found it',
      forcedConclusion: false,
      iterationsUsed: 1,
      finishedAt: new Date().toISOString(),
      ...changes,
    };
  }

  async report(outcome: ExecutionOutcome): Promise<void> {
    await this.publisher.publish(executionOutcome, outcome);
  }

  /** Says what a worker says whose execution has reached its iteration limit. `again`: as if JetStream did not remember the first time. */
  async pause({ sessionId, stageId, executionId, wakeCount }: TaskScheduled, again = false): Promise<void> {
    const messageId = again ? (): string => newId() : executionParked.messageId;
    await this.publisher.publish(
      { ...executionParked, messageId },
      { sessionId, stageId, executionId, wakeCount, reason: 'iteration-limit', mailboxSeen: 0, iterationsUsed: 20, parkedAt: new Date().toISOString() }, // prettier-ignore
    );
  }

  /** Sends a command for the session to be cancelled and waits for the answer. */
  async cancel(sessionId: string, changes: Partial<CancelSession> = {}): Promise<CommandReply | undefined> {
    return await this.#command((common) => this.publisher.publish(cancelSession, { ...common, sessionId, ...changes }));
  }

  async resume(sessionId: string): Promise<CommandReply | undefined> {
    return await this.#command((common) => this.publisher.publish(resumeSession, { ...common, sessionId }));
  }

  async cancelExecution({ sessionId, executionId }: TaskScheduled): Promise<CommandReply | undefined> {
    return await this.#command((common) =>
      this.publisher.publish(cancelExecution, { ...common, sessionId, executionId }),
    );
  }

  /** Asks about a session as the gateway does. */
  async ask(sessionId: string, content: string, changes: Partial<ChatMessage> = {}): Promise<ChatReply | undefined> {
    const replyTo = this.messaging.newReplySubject();
    const reply = this.messaging.awaitReply(replyTo, chatReplySchema, 10_000);
    const common = { commandId: newId(), requestedBy: 'ann', requestedAt: new Date().toISOString(), replyTo };
    await this.publisher.publish(chatMessage, { ...common, sessionId, content, ...changes });
    return await reply;
  }

  async #command(
    send: (common: Omit<CancelSession, 'sessionId'>) => Promise<unknown>,
  ): Promise<CommandReply | undefined> {
    const replyTo = this.messaging.newReplySubject();
    const reply = this.messaging.awaitReply(replyTo, commandReplySchema, 10_000);
    await send({ commandId: newId(), requestedBy: 'ann', requestedAt: new Date().toISOString(), replyTo });
    return await reply;
  }

  /** The tasks of one stage, in the order of its agents, once there are `count`. */
  async tasksOf(sessionId: string, stageName: string, count: number): Promise<TaskScheduled[]> {
    const find = (): TaskScheduled[] =>
      this.tasks.filter((task) => task.sessionId === sessionId && task.stage.name === stageName);
    await eventually(() => find().length >= count);
    const { stages } = (await this.reader.find(sessionId))!;
    const order = stages.flatMap(({ executions = [] }) => executions.map(({ execution_id }) => execution_id));
    return find().sort((left, right) => order.indexOf(left.executionId) - order.indexOf(right.executionId));
  }

  /** The first task of a session, or of one of its stages. */
  taskOf(sessionId: string, stageName?: string): Promise<TaskScheduled> {
    return eventually(() => this.tasks.find((task) => task.sessionId === sessionId && (stageName ?? task.stage.name) === task.stage.name)); // prettier-ignore
  }

  /** What the execution was told to do; undefined while nothing. */
  async mailboxOf({ sessionId, executionId }: TaskScheduled): Promise<MailboxMessage | undefined> {
    const journal = await new JournalStore(this.messaging).open(sessionId, executionId);
    journal.close();
    return journal.mailbox.at(0);
  }

  async statusOf(sessionId: string): Promise<string | undefined> {
    return (await this.reader.status(sessionId))?.status;
  }

  async untilStatus(sessionId: string, ...statuses: readonly string[]): Promise<void> {
    await eventually(async () => statuses.includes((await this.statusOf(sessionId)) ?? ''));
  }

  /** Until a stage has this status, and one of its executions has that one. */
  async untilStage(sessionId: string, stageName: string, status: string, executionStatus: string): Promise<void> {
    await eventually(async () => {
      const stage = (await this.reader.find(sessionId))?.stages.find(({ stage_name }) => stage_name === stageName);
      return stage?.status === status && (stage.executions ?? []).some((one) => one.status === executionStatus);
    });
  }

  /** Lifecycle events in words, in the order of the log, once the session has ended and was published to the end. */
  async storyOf(sessionId: string): Promise<string[]> {
    await eventually(async () => {
      const rows = await this.database.query<unknown[]>(
        `SELECT 1 FROM alert_sessions WHERE id = $1 AND completed_at IS NOT NULL AND unpublished_lifecycle = '[]'`,
        [sessionId],
      );
      return rows.length > 0;
    });
    return (await this.lifecycleOf(sessionId)).map(wordsOf);
  }

  /** Lifecycle events of a session so far, in the order of the log. */
  async lifecycleOf(sessionId: string): Promise<LifecycleEvent[]> {
    const log = new SessionLog(this.messaging);
    const last = await log.lastSequence(sessionId);
    const events: LifecycleEvent[] = [];
    if (last === 0) return events;
    const stop = new AbortController();
    for await (const message of log.follow(sessionId, 0, stop.signal)) {
      if (message.kind === 'lifecycle') events.push(message.event);
      if (message.sequence >= last) stop.abort();
    }
    return events;
  }

  databaseUrl(): string {
    return databaseUrlOf(this.#databaseName);
  }

  async #start(): Promise<void> {
    writeFileSync(join(this.#directory, 'tarsy.yaml'), CHAINS);
    writeFileSync(join(this.#directory, 'llm-providers.yaml'), PROVIDERS);
    await onServer(`CREATE DATABASE ${this.#databaseName}`);
    this.database = createDataSource({ url: this.databaseUrl(), applicationName: 'runner-test' });
    await this.database.initialize();
    await migrate(this.database);
    const options = { url: required('NATS_URL'), namespace: this.#namespace, clientName: 'runner-test' };
    this.messaging = await Messaging.connect(options, createSilentLogger());
    await this.messaging.ensureTopology();
    this.publisher = new MessagePublisher(this.messaging);
    const filterSubjects = [subjectFilters.tasksOfPool('default')];
    const host = new ConsumerHost(this.messaging);
    await host.consume(taskScheduled, { durable: 'worker', filterSubjects, concurrency: 50 }, async (task) => {
      this.tasks.push(task);
      const outcome = this.answer(task);
      if (outcome) await this.report(this.outcome(task, outcome));
    });
  }

  async #stop(): Promise<void> {
    await this.messaging.deleteTopology();
    await this.messaging.close();
    await this.database.destroy();
    await onServer(`DROP DATABASE ${this.#databaseName} WITH (FORCE)`);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function wordsOf(event: LifecycleEvent): string {
  switch (event.type) {
    case 'session-status-changed':
      return `session ${event.status}`;
    case 'stage-status-changed':
      return `${event.stageName} ${event.status}`;
    case 'execution-status-changed':
      return `execution ${event.status}`;
    default:
      return event.type;
  }
}

/** What {@link RunnerFixture.storyOf} says of a stage with one agent that completes. */
export function completedStage(name: string): string[] {
  return [`${name} active`, 'execution active', 'execution completed', `${name} completed`];
}

export const eventually = eventuallyWithin(20_000);
