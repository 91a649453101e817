import {
  executionOutcome,
  servicePresence,
  sessionLifecycle,
  toolCallClaims,
  toolCatalogue,
  type LifecycleEvent,
  type StreamChunk,
} from '@tarsy/contracts';
import {
  Buckets,
  ChunkPublisher,
  ChunkReader,
  MessagePublisher,
  QueueFullError,
  QueueInspector,
  SessionLog,
} from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually, useMessaging } from './fixture.js';

const fixture = useMessaging();

const resolved = (sessionId: string, revision: number): LifecycleEvent => ({
  type: 'alert-resolved',
  sessionId,
  revision,
  at: new Date().toISOString(),
  fingerprints: [],
  resolvedAt: new Date().toISOString(),
});

describe(SessionLog.name, () => {
  it('gives what is stored after a sequence, then what comes, and ends with its signal', async () => {
    const { messaging } = fixture;
    const log = new SessionLog(messaging);
    const publisher = new MessagePublisher(messaging);
    const sessionId = randomUUID();
    expect(await log.lastSequence(sessionId)).toBe(0);
    const { sequence: first } = await publisher.publish(sessionLifecycle, resolved(sessionId, 1));
    const { sequence: second } = await publisher.publish(sessionLifecycle, resolved(sessionId, 2));
    await publisher.publish(sessionLifecycle, resolved(randomUUID(), 1));
    expect(await log.lastSequence(sessionId)).toBe(second);

    const abort = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const message of log.follow(sessionId, first, abort.signal)) seen.push(message.sequence);
    })();
    await eventually(() => seen.length === 1);
    const { sequence: third } = await publisher.publish(sessionLifecycle, resolved(sessionId, 3));
    await eventually(() => seen.length === 2);
    expect(seen).toEqual([second, third]);
    abort.abort();
    await reading;
  });

  it('gives the lifecycle events of every session from now on', async () => {
    const { messaging } = fixture;
    const publisher = new MessagePublisher(messaging);
    const earlier = randomUUID();
    await publisher.publish(sessionLifecycle, resolved(earlier, 1));
    const abort = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const message of new SessionLog(messaging).followLifecycles(abort.signal))
        if (message.kind === 'lifecycle') seen.push(message.event.sessionId);
    })();
    await eventually(async () => {
      if (seen.length === 0) await publisher.publish(sessionLifecycle, resolved(randomUUID(), 1));
      return seen.length > 0;
    });
    const [one, other] = [randomUUID(), randomUUID()];
    await publisher.publish(sessionLifecycle, resolved(one, 1));
    await publisher.publish(sessionLifecycle, resolved(other, 1));
    await eventually(() => seen.includes(other));
    expect(seen.slice(-2)).toEqual([one, other]);
    expect(seen).not.toContain(earlier);
    abort.abort();
    await reading;
  });

  it('forgets a session that is purged, and no other', async () => {
    const { messaging } = fixture;
    const publisher = new MessagePublisher(messaging);
    const log = new SessionLog(messaging);
    const [purged, kept] = [randomUUID(), randomUUID()];
    await publisher.publish(sessionLifecycle, {
      ...resolved(purged, 1),
      fingerprints: ['f'.repeat(400_000)],
    } as LifecycleEvent);
    await publisher.publish(sessionLifecycle, resolved(kept, 1));
    await log.purge(purged);
    expect(await log.lastSequence(purged)).toBe(0);
    expect(await log.lastSequence(kept)).toBeGreaterThan(0);
  });
});

describe(ChunkReader.name, () => {
  it('gives stored chunks, then live ones', async () => {
    const { messaging } = fixture;
    const publisher = new ChunkPublisher(messaging);
    const chunk = (offset: number, delta: string): StreamChunk => ({
      sessionId,
      stageId: sessionId,
      executionId: sessionId,
      turn: 1,
      entry: 3,
      callId: 'c1',
      part: 'text',
      offset,
      delta,
    });
    const sessionId = randomUUID();
    publisher.publish(chunk(0, 'disk '));
    publisher.publish(chunk(5, 'is '));
    await messaging.connection.flush();
    const abort = new AbortController();
    let text = '';
    const reading = (async () => {
      for await (const { offset, delta } of new ChunkReader(messaging).follow(sessionId, abort.signal))
        text = text.slice(0, offset) + delta;
    })();
    await eventually(() => text === 'disk is ');
    publisher.publish(chunk(8, 'full'));
    await eventually(() => text === 'disk is full');
    abort.abort();
    await reading;
  });
});

describe(Buckets.name, () => {
  const entryOf = (server: string) => ({ server, tools: [], updatedAt: new Date().toISOString() });

  it('stores, lists and removes values, and refuses what does not fit', async () => {
    const bucket = new Buckets(fixture.messaging).open(toolCatalogue);
    expect(await bucket.get('kubernetes')).toBeUndefined();
    expect((await bucket.entries()).size).toBe(0);
    await bucket.put('kubernetes', entryOf('kubernetes'));
    await bucket.put('host', entryOf('host'));
    expect(await bucket.get('kubernetes')).toMatchObject({ server: 'kubernetes' });
    expect([...(await bucket.entries()).keys()].sort()).toEqual(['host', 'kubernetes']);
    await bucket.delete('host');
    expect([...(await bucket.entries()).keys()]).toEqual(['kubernetes']);
    await expect(bucket.put('host', { ...entryOf('host'), updatedAt: 'yesterday' })).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
    });
  });

  it('creates a key once, whoever asks', async () => {
    const [one, other] = [fixture.messaging, await fixture.another()].map((messaging) => new Buckets(messaging).open(toolCallClaims)); // prettier-ignore
    const claim = { claimId: randomUUID(), requestSequence: 1, claimedAt: new Date().toISOString() };
    const key = `${randomUUID()}.1-1`;
    const created = await Promise.all([one!.create(key, claim), other!.create(key, { ...claim, requestSequence: 2 })]);
    expect([...created].sort()).toEqual([false, true]);
    expect(await one!.get(key)).toMatchObject({ requestSequence: created[0] ? 1 : 2 });
    await one!.delete(key);
    expect(await other!.create(key, claim)).toBe(true);
  });

  it('tells a watcher what is there, what changes and what goes', async () => {
    const bucket = new Buckets(fixture.messaging).open(servicePresence);
    const presence = {
      app: 'a',
      replica: 'a-1',
      pid: 1,
      version: '1',
      startedAt: new Date().toISOString(),
      seenAt: new Date().toISOString(),
      details: {},
    };
    await bucket.put('a.a-1', presence);
    const seen: [string, number | undefined][] = [];
    const stop = await bucket.watch((key, value) => seen.push([key, value?.pid]));
    await eventually(() => seen.length === 1);
    await bucket.put('a.a-1', { ...presence, pid: 2 });
    // A bucket keeps the newest value alone: whoever has not seen one by then never will.
    await eventually(() => seen.length === 2);
    await bucket.delete('a.a-1');
    await eventually(() => seen.length === 3);
    expect(seen).toEqual([
      ['a.a-1', 1],
      ['a.a-1', 2],
      ['a.a-1', undefined],
    ]);
    stop();
    const others: string[] = [];
    const stopOthers = await bucket.watch((key) => others.push(key));
    await bucket.put('a.a-2', presence);
    await eventually(() => others.includes('a.a-2'));
    expect(seen).toHaveLength(3);
    stopOthers();
  });
});

describe('bounded queues', () => {
  it('a full stream refuses with a retryable error, and the inspector shows it', async () => {
    const { messaging } = fixture;
    await messaging.manager.streams.update(messaging.names.stream('OUTCOMES'), { max_msgs: 2 });
    const publisher = new MessagePublisher(messaging);
    const publish = () =>
      publisher.publish(executionOutcome, {
        sessionId: randomUUID(),
        stageId: randomUUID(),
        executionId: randomUUID(),
        wakeCount: 0,
        status: 'completed',
        forcedConclusion: false,
        iterationsUsed: 1,
        finishedAt: new Date().toISOString(),
      });
    await publish();
    await publish();
    const refused = await publish().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(QueueFullError);
    expect(refused).toMatchObject({ code: 'QUEUE_FULL', retryable: true });
    const outcomes = (await new QueueInspector(messaging).streams()).find(({ name }) => name === 'OUTCOMES');
    expect(outcomes).toMatchObject({ messages: 2, consumers: [] });
    // Another replica's start sets the limit right again.
    await messaging.ensureTopology();
    await publish();
  });

  it('many replicas may create the topology at the same time', async () => {
    const replicas = await Promise.all([fixture.another(), fixture.another(), fixture.another(), fixture.another()]);
    await Promise.all(replicas.map((messaging) => messaging.ensureTopology()));
  });
});
