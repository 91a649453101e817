import { Messaging } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { eventuallyWithin } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { taskScheduled, type TaskScheduled } from '@tarsy/contracts';
import { required } from '../../test-servers.js';

export interface Fixture {
  /** One connection in a namespace of this file's own. */
  readonly messaging: Messaging;
  /** One more connection in the same namespace, as another replica would have. */
  another(): Promise<Messaging>;
}

/** A connection with streams before the tests of a file, and nothing left behind after them. */
export function useMessaging(): Fixture {
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const open: Messaging[] = [];
  const connect = async (): Promise<Messaging> => {
    const messaging = await Messaging.connect(
      { url: required('NATS_URL'), namespace, clientName: namespace },
      createSilentLogger(),
    );
    open.push(messaging);
    return messaging;
  };
  beforeAll(async () => {
    await (await connect()).ensureTopology();
  });
  afterAll(async () => {
    await open[0]?.deleteTopology();
    await Promise.all(open.map((messaging) => messaging.close()));
  });
  return {
    get messaging() {
      return open[0]!;
    },
    another: connect,
  };
}

/** A task that fits the schema; `pool` keeps the tests of one file apart. */
export function taskOf(pool: string, changes: Partial<TaskScheduled> = {}): TaskScheduled {
  return taskScheduled.schema.parse({
    sessionId: randomUUID(),
    stageId: randomUUID(),
    executionId: randomUUID(),
    wakeCount: 0,
    pool,
    priority: 'normal',
    deadlineAt: '2030-01-01T00:00:00.000Z',
    stage: { name: 'investigation', index: 1, type: 'investigation' },
    agent: { name: 'analyst', kind: 'investigation', maxIterations: 3 },
    model: { provider: 'playbook', type: 'playbook', model: 'rules', backend: 'langchain' },
    toolServers: [],
    alert: { type: 'disk-full', data: 'disk is full', receivedAt: '2026-01-01T00:00:00.000Z' },
    previousStages: [],
    limits: {
      iterationTimeoutMs: 1,
      llmCallTimeoutMs: 1,
      firstTokenTimeoutMs: 1,
      stallTimeoutMs: 1,
      toolCallTimeoutMs: 1,
    },
    ...changes,
  }) as TaskScheduled;
}

export const eventually = eventuallyWithin(10_000);
