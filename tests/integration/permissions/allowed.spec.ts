import {
  alertAccepted,
  cancelSession,
  commandReplySchema,
  executionMailbox,
  executionOutcome,
  runbookLookup,
  serverHealth,
  serverSessions,
  servicePresence,
  sessionLifecycle,
  slackMessages,
  subjectFilters,
  taskScheduled,
  toolCallClaims,
  toolCallCompleted,
  toolCallRequested,
  toolCatalogue,
  expireSession,
} from '@tarsy/contracts';
import {
  AcceptedAlerts,
  Buckets,
  ChunkPublisher,
  ChunkReader,
  ConsumerHost,
  DeadLetters,
  JournalStore,
  Lookups,
  MessagePublisher,
  QueueInspector,
  SessionLog,
  type Messaging,
} from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, taskOf } from '../messaging/fixture.js';
import { PrivateNats } from './private-nats.js';

/** Over the claim-check limit, so that the body goes through the object store. */
const LONG = 'x'.repeat(300_000);
const at = '2026-10-01T08:00:00.000Z';
const sessionId = randomUUID();
const stageId = randomUUID();
const executionId = randomUUID();

let nats: PrivateNats;
let ingest: Messaging;
let runner: Messaging;
let worker: Messaging;
let broker: Messaging;
let notifier: Messaging;
let gateway: Messaging;

beforeAll(async () => {
  nats = await PrivateNats.start('least');
  [ingest, runner, worker, broker, notifier, gateway] = (await Promise.all(
    (['ingest', 'chain-runner', 'agent-worker', 'mcp-broker', 'notifier', 'stream-gateway'] as const).map((app) =>
      nats.messagingOf(app),
    ),
  )) as [Messaging, Messaging, Messaging, Messaging, Messaging, Messaging];
  const waiting = Promise.all([ingest, worker, broker, notifier, gateway].map((service) => service.ensureTopology()));
  await runner.ensureTopology();
  await waiting;
});
afterAll(() => nats.stop());

/** The first message that a consumer gets; it is acknowledged. */
async function first<Payload>(
  consume: (take: (payload: Payload) => Promise<void>) => Promise<{ stop(): Promise<void> }>,
): Promise<Payload> {
  const { promise, resolve } = Promise.withResolvers<Payload>();
  const consumer = await consume((payload) => Promise.resolve(resolve(payload)));
  const payload = await promise;
  await consumer.stop();
  return payload;
}

describe('with the least rights', () => {
  it('a session goes from its alert to its end', async () => {
    const alert = alertAccepted.schema.parse({
      sessionId,
      acceptedAt: at,
      source: 'api',
      data: LONG,
      alertType: 'test',
      chainId: 'one',
      severity: 'high',
      title: 'Disk',
    });
    await new MessagePublisher(ingest).publish(alertAccepted, alert);
    expect(await new AcceptedAlerts(gateway).find(sessionId)).toMatchObject({ sessionId, data: LONG });

    const runnerHost = new ConsumerHost(runner);
    const runnerPublisher = new MessagePublisher(runner);
    const accepted = await first<typeof alert>((take) =>
      runnerHost.consume(
        alertAccepted,
        { durable: 'chain-runner-accepted', filterSubjects: [subjectFilters.acceptedAlerts] },
        take,
      ),
    );
    expect(accepted.data).toBe(LONG);
    await runnerPublisher.publish(sessionLifecycle, {
      type: 'session-status-changed',
      sessionId,
      revision: 1,
      at,
      status: 'in_progress',
    });
    await runnerPublisher.publish(taskScheduled, { ...taskOf('default'), sessionId, executionId, stageId });
    await runnerPublisher.publishAt(expireSession, { sessionId, deadlineAt: at }, new Date(Date.now() + 600_000), 'x');

    const workerHost = new ConsumerHost(worker);
    const workerPublisher = new MessagePublisher(worker);
    const task = await first<{ executionId: string }>((take) =>
      workerHost.consume(
        taskScheduled,
        { durable: 'agent-worker-default', filterSubjects: [subjectFilters.tasksOfPool('default')] },
        take,
      ),
    );
    expect(task.executionId).toBe(executionId);
    const journal = await new JournalStore(worker).open(sessionId, executionId);
    await journal.append({ type: 'claimed', stageId, workerId: 'w', wakeCount: 0 });
    await journal.append({ type: 'message-added', stageId, reason: 'nudge', content: LONG });
    const call = { sessionId, stageId, executionId, callId: '1-1', server: 'host', tool: 'disk' };
    await workerPublisher.publish(toolCallRequested, { ...call, arguments: {}, timeoutMs: 1_000, requestedAt: at });
    const result = journal.waitForToolResult('1-1', new AbortController().signal);

    const requested = await first<{ callId: string }>((take) =>
      new ConsumerHost(broker).consume(
        toolCallRequested,
        { durable: 'mcp-broker-host', filterSubjects: ['tarsy.toolcalls.host'] },
        take,
      ),
    );
    expect(requested.callId).toBe('1-1');
    expect(await new SessionLog(broker).hasToolResult(sessionId, executionId, '1-1')).toBe(false);
    const claims = new Buckets(broker).open(toolCallClaims);
    const claim = { claimId: randomUUID(), requestSequence: 1, claimedAt: at };
    expect([await claims.create('e.c', claim), await claims.create('e.c', claim)]).toEqual([true, false]);
    expect(await claims.get('e.c')).toEqual(claim);
    const completed = {
      ...call,
      outcome: 'ok',
      isError: false,
      content: LONG,
      durationMs: 1,
      completedAt: at,
    } as const;
    const brokerPublisher = new MessagePublisher(broker);
    expect(await brokerPublisher.publishOnce(toolCallCompleted, completed)).toBe(true);
    expect(await brokerPublisher.publishOnce(toolCallCompleted, completed)).toBe(false);
    expect((await result).content).toBe(LONG);

    const told = new Promise((resolve) => journal.onMailbox(resolve));
    await runnerPublisher.publish(executionMailbox, { type: 'cancel', sessionId, executionId, status: 'cancelled', reason: 'enough', at }); // prettier-ignore
    expect(await told).toMatchObject({ reason: 'enough' });
    journal.close();
    const replayed = await new JournalStore(worker).open(sessionId, executionId);
    expect([replayed.entries.length, replayed.toolResults.size, replayed.mailbox.length]).toEqual([2, 1, 1]);
    replayed.close();
    await workerPublisher.publish(executionOutcome, { sessionId, stageId, executionId, wakeCount: 0, status: 'completed', forcedConclusion: false, iterationsUsed: 1, finishedAt: at, result: LONG }); // prettier-ignore
    const outcome = await first<{ executionId: string }>((take) =>
      runnerHost.consume(
        executionOutcome,
        { durable: 'chain-runner', filterSubjects: [subjectFilters.outcomes] },
        take,
      ),
    );
    expect(outcome.executionId).toBe(executionId);

    const recorded: string[] = [];
    const recorder = await runnerHost.consumeBatches(
      'SESSIONS',
      { durable: 'recorder', filterSubjects: [subjectFilters.journals, subjectFilters.toolResults], maxWaitMs: 10 },
      (batch) => Promise.resolve(void recorded.push(...batch.map(({ subject }) => subject.split('.')[3]!))),
    );
    await eventually(() => recorded.length === 3);
    await recorder.stop();
  });

  it('notifier follows the sessions and remembers what it posted', async () => {
    const event = await first<{ sessionId: string }>((take) =>
      new ConsumerHost(notifier).consume(
        sessionLifecycle,
        { durable: 'notifier', filterSubjects: [subjectFilters.lifecycles] },
        take,
      ),
    );
    expect(event.sessionId).toBe(sessionId);
    expect(await new SessionLog(notifier).lastSequence(sessionId)).toBeGreaterThan(0);
    const messages = new Buckets(notifier).open(slackMessages);
    await messages.put('s.start', { state: 'posting', channel: 'C1', at });
    expect(await messages.get('s.start')).toMatchObject({ state: 'posting' });
  });

  it('mcp-broker hears of executions that end, and remembers which servers they used', async () => {
    const seen: string[] = [];
    const ends = await new ConsumerHost(broker).consumeBatches(
      'SESSIONS',
      { durable: 'mcp-broker', filterSubjects: [subjectFilters.lifecycles], maxWaitMs: 10 },
      (batch) => Promise.resolve(void seen.push(...batch.map(({ subject }) => subject))),
    );
    await eventually(() => seen.length === 1);
    await ends.stop();
    const sessions = new Buckets(broker).open(serverSessions);
    expect(await sessions.create('e.s', { begunAt: at })).toBe(true);
    expect(await sessions.get('e.s')).toEqual({ begunAt: at });
    await sessions.delete('e.s');
    expect(await sessions.get('e.s')).toBeUndefined();
  });

  it('stream-gateway shows a session live and asks for its end', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const message of new SessionLog(gateway).follow(sessionId, 0, stop.signal)) {
      seen.push(message.kind);
      if (seen.length === 5) stop.abort();
    }
    expect(seen.sort()).toEqual(['journal', 'journal', 'lifecycle', 'mailbox', 'tool-result']);
    const chunks = new ChunkReader(gateway).follow(sessionId, AbortSignal.timeout(30_000));
    new ChunkPublisher(worker).publish({ sessionId, executionId, stageId, turn: 1, entry: 3, callId: 'c', part: 'text', offset: 0, delta: 'so far' }); // prettier-ignore
    expect((await chunks.next()).value).toMatchObject({ delta: 'so far' });
    await chunks.return(undefined);

    const replyTo = gateway.newReplySubject();
    await new MessagePublisher(gateway).publish(cancelSession, { commandId: randomUUID(), sessionId, requestedBy: 'x', requestedAt: at, replyTo }); // prettier-ignore
    const command = await first<{ replyTo?: string | undefined }>((take) =>
      new ConsumerHost(runner).consume(
        cancelSession,
        { durable: 'cancel', filterSubjects: ['tarsy.commands.cancel-session'] },
        take,
      ),
    );
    runner.reply(command.replyTo!, { kind: 'accepted' });
    expect(await gateway.awaitReply(replyTo, commandReplySchema, 30_000)).toEqual({ kind: 'accepted' });
  });

  it('what the broker knows of its servers reaches the others', async () => {
    const catalogue = new Buckets(broker).open(toolCatalogue);
    await catalogue.put('host', { server: 'host', tools: [], updatedAt: at });
    const known: string[] = [];
    const stopWatching = await new Buckets(worker).open(toolCatalogue).watch((key) => known.push(key));
    await eventually(() => known.length === 1);
    const health = { server: 'host', healthy: true, toolCount: 0, errorMessage: null, checkedAt: at, changedAt: at };
    await new Buckets(broker).open(serverHealth).put('host', health);
    expect([...(await new Buckets(gateway).open(serverHealth).entries()).keys()]).toEqual(['host']);
    const urls = ['https://github.com/acme/runbooks/blob/main/disk.md'];
    const stopAnswering = new Lookups(broker).answer(runbookLookup, () => Promise.resolve({ urls }));
    await broker.connection.flush();
    expect(await new Lookups(gateway).ask(runbookLookup, 5_000)).toEqual({ urls });
    stopAnswering();
    stopWatching();
  });

  it('every service announces itself, and only itself', async () => {
    const presence = { replica: '1', pid: 1, version: '0', startedAt: at, seenAt: at, details: {} };
    const announce = async (messaging: Messaging, app: string): Promise<void> => {
      const bucket = new Buckets(messaging).open(servicePresence);
      await bucket.put(`${app}.${app}-1`, { ...presence, app });
    };
    await announce(ingest, 'ingest');
    await announce(worker, 'agent-worker');
    const there = await new Buckets(gateway).open(servicePresence).entries();
    expect([...there.keys()].sort()).toEqual(['agent-worker.agent-worker-1', 'ingest.ingest-1']);
  });

  it('operators see the queues and what was set aside', async () => {
    const poison = await new ConsumerHost(worker).consume(
      taskScheduled,
      { durable: 'agent-worker-poison', filterSubjects: [subjectFilters.tasksOfPool('poison')], maxDeliver: 1 },
      () => Promise.reject(new Error('poison')),
    );
    await new MessagePublisher(runner).publish(taskScheduled, taskOf('poison'));
    const letters = await eventually(async () => {
      const found = await new DeadLetters(gateway).list({ limit: 10 });
      return found.length > 0 && found;
    });
    await poison.stop();
    expect(letters).toMatchObject([{ stream: 'TASKS', consumer: 'agent-worker-poison' }]);
    expect((await new QueueInspector(gateway).streams()).find(({ name }) => name === 'TASKS')?.consumers).toHaveLength(
      2,
    );
  });

  it('nothing was refused on the way but to create streams', () => {
    expect(nats.refusals().filter((line) => !line.includes('$JS.API.STREAM.CREATE'))).toEqual([]);
  });
});
