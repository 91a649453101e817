import {
  executionOutcome,
  serverHealth,
  subjectFilters,
  subjects,
  taskScheduled,
  toolCallCompleted,
  toolCallRequested,
  toolCatalogue,
  type ExecutionOutcome,
  type JournalEntry,
  type TaskScheduled,
  type ToolCallRequested,
} from '@tarsy/contracts';
import { Buckets, ConsumerHost, JournalStore, Messaging, MessagePublisher } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { readServiceEnvironment, startService, type RunningService } from '@tarsy/service';
import { eventuallyWithin, mentions, startModelServer, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { agentWorker } from '../../../apps/agent-worker/src/agent-worker.service.js';
import { required } from '../../test-servers.js';

type BrokerAnswer = (call: ToolCallRequested) => { content: string; isError?: boolean } | undefined;

/** Agent-workers on a real NATS server, a scripted model, and a broker that the test plays. */
export interface WorkerFixture {
  readonly messaging: Messaging;
  readonly model: ModelServer;
  /** Every outcome so far, in order. */
  readonly outcomes: readonly ExecutionOutcome[];
  /** Every tool call that was asked for, in order. */
  readonly calls: readonly ToolCallRequested[];
  /** How tool calls are answered from now on; undefined leaves one open. */
  brokerAnswers(answer: BrokerAnswer): void;
  completeCall(call: ToolCallRequested, content: string): Promise<void>;
  startWorker(replica: string, slots?: number, pool?: string, redisUrl?: string): Promise<RunningService>;
  /** A task for the scripted model, which plays `turns` to it. */
  task(turns: ModelTurn[], changes?: Partial<TaskScheduled>): TaskScheduled;
  schedule(task: TaskScheduled): Promise<void>;
  outcomeOf(task: TaskScheduled): Promise<ExecutionOutcome>;
  journalOf(task: TaskScheduled): Promise<readonly JournalEntry[]>;
}

export function useWorkers(): WorkerFixture {
  const natsUrl = required('NATS_URL');
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const outcomes: ExecutionOutcome[] = [];
  const calls: ToolCallRequested[] = [];
  const running: RunningService[] = [];
  let messaging: Messaging;
  let model: ModelServer;
  let publisher: MessagePublisher;
  let answer: BrokerAnswer;

  const completeCall = async (call: ToolCallRequested, content: string, isError = false): Promise<void> => {
    const { sessionId, stageId, executionId, callId, server, tool } = call;
    await publisher.publishOnce(toolCallCompleted, {
      ...{ sessionId, stageId, executionId, callId, server, tool, content, isError },
      outcome: isError ? 'tool_error' : 'ok',
      durationMs: 1,
      completedAt: new Date().toISOString(),
    });
  };

  beforeAll(async () => {
    model = await startModelServer();
    messaging = await Messaging.connect({ url: natsUrl, namespace, clientName: namespace }, createSilentLogger());
    await messaging.ensureTopology();
    publisher = new MessagePublisher(messaging);
    const host = new ConsumerHost(messaging);
    await host.consume(
      executionOutcome,
      { durable: 'outcomes', filterSubjects: [subjectFilters.outcomes] },
      (outcome) => Promise.resolve(void outcomes.push(outcome)),
    );
    const filterSubjects = [subjects.toolCall('host')];
    await host.consume(toolCallRequested, { durable: 'broker', filterSubjects, concurrency: 100 }, async (call) => {
      calls.push(call);
      const result = answer(call);
      if (result !== undefined) await completeCall(call, result.content, result.isError);
    });
    await announceTools(messaging);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
    answer = answerByName;
  });
  afterAll(async () => {
    await messaging.deleteTopology();
    await messaging.close();
    await model.close();
  });
  answer = answerByName;

  return {
    get messaging() {
      return messaging;
    },
    get model() {
      return model;
    },
    outcomes,
    calls,
    brokerAnswers: (other) => void (answer = other),
    completeCall,
    startWorker: async (replica, slots = 200, pool = 'default', redisUrl = required('REDIS_URL')) => {
      const environment = readServiceEnvironment('agent-worker', {
        NATS_URL: natsUrl,
        TARSY_NAMESPACE: namespace,
        TARSY_REPLICA: replica,
        SHUTDOWN_GRACE_MS: '100',
      });
      const options = agentWorker({
        slots,
        pool,
        redisUrl,
        modelEnvironment: { SCRIPTED_KEY: 'key' },
      });
      const service = await startService(options, environment, createSilentLogger());
      running.push(service);
      return service;
    },
    task: (turns, changes = {}) => {
      const executionId = randomUUID();
      model.script({ name: executionId, matches: mentions(executionId), turns });
      return taskOf(executionId, model.url, changes);
    },
    schedule: async (task) => void (await publisher.publish(taskScheduled, task)),
    outcomeOf: (task) => eventually(() => outcomes.find(({ executionId }) => executionId === task.executionId)),
    journalOf: async (task) => {
      const journal = await new JournalStore(messaging).open(task.sessionId, task.executionId);
      journal.close();
      return journal.entries;
    },
  };
}

const answerByName: BrokerAnswer = ({ tool, arguments: given }) => ({ content: `${tool} ${JSON.stringify(given)}` });

async function announceTools(messaging: Messaging): Promise<void> {
  const buckets = new Buckets(messaging);
  const now = new Date().toISOString();
  const inputSchema = { type: 'object', properties: { path: { type: 'string' } } };
  const tools = ['cpu', 'disk_usage', 'memory'].map((name) => ({
    name,
    description: `Tells the truth about ${name}.`,
    inputSchema,
    annotations: { readOnlyHint: true },
  }));
  const restart = { name: 'restart', description: 'Restarts a service.', inputSchema, annotations: {} };
  await buckets.open(toolCatalogue).put('host', { server: 'host', tools: [...tools, restart], updatedAt: now });
  const health = { server: 'metrics', healthy: false, toolCount: 0, checkedAt: now, changedAt: now };
  await buckets.open(serverHealth).put('metrics', { ...health, errorMessage: 'connection refused' });
}

function taskOf(executionId: string, baseUrl: string, changes: Partial<TaskScheduled>): TaskScheduled {
  return {
    sessionId: randomUUID(),
    stageId: randomUUID(),
    executionId,
    wakeCount: 0,
    pool: 'default',
    priority: 'normal',
    deadlineAt: new Date(Date.now() + 600_000).toISOString(),
    stage: { name: 'investigation', index: 1, type: 'investigation' },
    agent: { name: 'Analyst', kind: 'investigation', description: '', customInstructions: '', maxIterations: 5 },
    model: {
      provider: 'scripted',
      type: 'openai',
      model: 'scripted-1',
      backend: 'langchain',
      baseUrl,
      apiKeyEnv: 'SCRIPTED_KEY',
      nativeTools: {},
    },
    toolServers: [
      { id: 'host', instructions: 'Look before you restart.' },
      { id: 'metrics', instructions: '' },
    ],
    alert: { type: 'DiskFull', data: `disk is full on node-1 (${executionId})`, receivedAt: new Date().toISOString() },
    previousStages: [],
    limits: {
      iterationTimeoutMs: 60_000,
      llmCallTimeoutMs: 60_000,
      firstTokenTimeoutMs: 30_000,
      stallTimeoutMs: 30_000,
      toolCallTimeoutMs: 30_000,
    },
    ...changes,
  };
}

export const eventually = eventuallyWithin(20_000);
