import { SessionLog } from '@tarsy/messaging';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { liveEvents, type LiveEvent, type Replica } from '../e2e/system.js';
import { audit } from './audit.js';
import { calling, ChaosSystem, stepOf } from './chaos-system.js';

let chaos: ChaosSystem;

beforeAll(async () => {
  chaos = await ChaosSystem.start('chaos', {
    replicas: { ingest: 2, 'chain-runner': 2, 'agent-worker': 2, 'mcp-broker': 2, 'stream-gateway': 2 },
  });
});
afterEach(() => chaos.restartKilled());
afterAll(async () => {
  await chaos.stop();
});

/** The finished session, after everybody's accounts of it were compared. */
async function sound(sessionId: string, marker: string) {
  const session = await chaos.system.finished(sessionId);
  expect(session).toMatchObject({ status: 'completed', final_analysis: expect.stringContaining(marker) as unknown });
  expect(await audit(chaos, sessionId, marker)).toEqual([]);
  return session;
}

const requestsOfStep = (marker: string, step: number): number =>
  chaos.model.requestsOf(marker).filter(({ body }) => stepOf(body) === step).length;

describe('a killed agent-worker', () => {
  it('in the middle of a model stream: another one asks for that turn again, and for no earlier one', async () => {
    const rest = Promise.withResolvers<void>();
    const marker = chaos.script((mark) => [
      calling({ tool: 'look', key: `${mark}-1` }),
      { text: `Half of the answer. The other half. ${mark}`, pieces: 4, gate: { afterChunks: 2, until: rest.promise } },
    ]);
    const sessionId = await chaos.submit(marker);
    await chaos.model.request(marker, 2);
    await chaos.kill(await chaos.busyWorker());
    const killedAtMs = Date.now();
    rest.resolve();
    await chaos.model.request(marker, 3);
    const resumedAfterMs = Date.now() - killedAtMs;
    await sound(sessionId, marker);
    expect([requestsOfStep(marker, 0), requestsOfStep(marker, 1)]).toEqual([1, 2]);
    expect(chaos.toolRuns.of(`${marker}-1`)).toHaveLength(2);
    // A task comes back 10 s after the last heartbeat; the rest is room for a slow machine.
    expect(resumedAfterMs).toBeLessThan(20_000);
  });

  it('between a tool call and its result: the call runs once, and another worker reads its result', async () => {
    const marker = chaos.script((mark) => [
      calling({ tool: 'change', key: `${mark}-1`, hold: true }),
      { text: `It was changed. ${mark}` },
    ]);
    const sessionId = await chaos.submit(marker);
    await chaos.toolRuns.started(`${marker}-1`);
    await chaos.kill(await chaos.busyWorker());
    chaos.toolRuns.release(`${marker}-1`);
    await sound(sessionId, marker);
    expect(chaos.toolRuns.of(`${marker}-1`).map(({ phase }) => phase)).toEqual(['started', 'finished']);
    expect(requestsOfStep(marker, 0)).toBe(1);
  });

  it('that was only asleep for half a minute is fenced out: it wakes up and writes nothing', async () => {
    const rest = Promise.withResolvers<void>();
    const marker = chaos.script((mark) => [
      calling({ tool: 'look', key: `${mark}-1` }),
      { text: `An answer that takes long. ${mark}`, pieces: 4, gate: { afterChunks: 2, until: rest.promise } },
    ]);
    const sessionId = await chaos.submit(marker);
    await chaos.model.request(marker, 2);
    const sleeper = await chaos.busyWorker();
    sleeper.process.kill('SIGSTOP');
    const halfAMinute = delay(30_000);
    try {
      await chaos.model.request(marker, 3);
      rest.resolve();
      await sound(sessionId, marker);
      await halfAMinute;
    } finally {
      sleeper.process.kill('SIGCONT');
    }
    const log = new SessionLog(chaos.messaging);
    const last = await log.lastSequence(sessionId);
    await chaos.system.eventually(
      () => fetch(`http://127.0.0.1:${sleeper.port}/metrics`).then((response) => response.text()),
      (metrics) => /^tarsy_workers_active(\{[^}]*\})? 0$/m.test(metrics),
    );
    expect(await log.lastSequence(sessionId)).toBe(last);
    expect(await audit(chaos, sessionId, marker)).toEqual([]);
    expect(requestsOfStep(marker, 1)).toBe(2);
  });
});

describe('a killed chain-runner', () => {
  it('with all its replicas: the execution goes on, and its end is taken up when one is back', async () => {
    const rest = Promise.withResolvers<void>();
    const marker = chaos.script((mark) => [
      calling({ tool: 'look', key: `${mark}-1` }),
      { text: `Concluded without a runner. ${mark}`, gate: { afterChunks: 1, until: rest.promise } },
    ]);
    const sessionId = await chaos.submit(marker);
    await chaos.model.request(marker, 2);
    await chaos.kill(chaos.system.replica('chain-runner', 1));
    await chaos.kill(chaos.system.replica('chain-runner', 2));
    rest.resolve();
    await chaos.system.eventually(
      async () => {
        const metrics = await Promise.all(
          [1, 2].map((number) => fetch(`${chaos.system.url('agent-worker', number)}/metrics`).then((r) => r.text())),
        );
        return metrics.every((text) => /^tarsy_workers_active(\{[^}]*\})? 0$/m.test(text));
      },
      (idle) => idle,
    );
    await chaos.restart(chaos.system.replica('chain-runner', 2));
    await sound(sessionId, marker);
  });

  it('as the recorder: what it had not stored is stored by another, once', async () => {
    const markers = Array.from({ length: 6 }, () =>
      chaos.script((mark) => [
        ...Array.from({ length: 4 }, (_, step) => calling({ tool: 'look', key: `${mark}-${step}` })),
        { text: `Recorded. ${mark}` },
      ]),
    );
    const sessions = await Promise.all(markers.map((marker) => chaos.submit(marker)));
    await chaos.model.request(markers[0]!, 3);
    await chaos.kill(chaos.system.replica('chain-runner', 1));
    for (const [index, sessionId] of sessions.entries()) await sound(sessionId, markers[index]!);
  });
});

describe('a killed mcp-broker', () => {
  /** The broker whose child process runs a tool. */
  const brokerOf = (toolServerPid: number): Replica => {
    const parent = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(toolServerPid)], { encoding: 'utf8' }));
    const broker = chaos.system.replicas.find(({ process: child }) => child.pid === parent);
    if (!broker) throw new Error(`process ${toolServerPid} belongs to no broker`);
    return broker;
  };

  it('in the middle of a read-only call: another one runs it again', async () => {
    const marker = chaos.script((mark) => [
      calling({ tool: 'look', key: `${mark}-1`, hold: true }),
      { text: `Looked. ${mark}` },
    ]);
    const sessionId = await chaos.submit(marker);
    await chaos.kill(brokerOf((await chaos.toolRuns.started(`${marker}-1`)).pid));
    chaos.toolRuns.release(`${marker}-1`);
    await sound(sessionId, marker);
    expect(chaos.model.requestsOf(marker)[1]?.body.messages.at(-1)?.content).toContain('is done');
  });

  it('in the middle of a call that may not be repeated: it runs once, and the agent is told that its outcome is unknown', async () => {
    const marker = chaos.script((mark) => [
      calling({ tool: 'change', key: `${mark}-1`, hold: true }),
      { text: `I must verify. ${mark}` },
    ]);
    const sessionId = await chaos.submit(marker);
    await chaos.kill(brokerOf((await chaos.toolRuns.started(`${marker}-1`)).pid));
    await sound(sessionId, marker);
    chaos.toolRuns.release(`${marker}-1`);
    expect(chaos.model.requestsOf(marker)[1]?.body.messages.at(-1)?.content).toContain('unknown');
    expect(chaos.toolRuns.of(`${marker}-1`).filter(({ phase }) => phase === 'started')).toHaveLength(1);
  });
});

describe('a killed ingest', () => {
  it('between request and answer: what a producer repeats with its key is one session, and nothing answered is lost', async () => {
    const keys = Array.from({ length: 40 }, () => randomUUID());
    const marker = chaos.script((mark) => [{ text: `Taken in. ${mark}` }]);
    const answered = new Map<string, string>();
    const post = async (ingest: number, key: string): Promise<void> => {
      const response = await fetch(`${chaos.system.url('ingest', ingest)}/api/v1/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ data: `${key} ${marker}`, alert_type: 'test' }),
      });
      const { session_id: sessionId } = (await response.json()) as { session_id: string };
      expect(response.status).toBe(202);
      expect(answered.get(key) ?? sessionId).toBe(sessionId);
      answered.set(key, sessionId);
    };
    let dying: Promise<void> | undefined;
    await Promise.allSettled(
      keys.map(async (key) => {
        await post(1, key);
        if (answered.size >= 10) dying ??= chaos.kill(chaos.system.replica('ingest', 1));
      }),
    );
    await dying;
    expect(answered.size).toBeGreaterThanOrEqual(10);
    for (const key of keys) await post(2, key);
    for (const sessionId of answered.values())
      expect(await chaos.system.finished(sessionId)).toMatchObject({ status: 'completed' });
    expect(new Set(answered.values()).size).toBe(keys.length);
    const { pagination } = await chaos.system.get<{ pagination: { total_items: number } }>(
      `/sessions?search=${encodeURIComponent(marker)}`,
    );
    expect(pagination.total_items).toBe(keys.length);
  });
});

describe('a killed stream-gateway', () => {
  it('in the middle of an answer: its viewer goes on at another one, and misses and doubles nothing', async () => {
    const rest = Promise.withResolvers<void>();
    const marker = chaos.script((mark) => [
      { thinking: 'First a look.', ...calling({ tool: 'look', key: `${mark}-1` }) },
      { text: `One. Two. Three. Four. ${mark}`, pieces: 8, gate: { afterChunks: 4, until: rest.promise } },
    ]);
    const sessionId = await chaos.submit(marker);
    const seen: LiveEvent[] = [];
    const view = async (gateway: number, until: (event: LiveEvent) => boolean): Promise<void> => {
      const lastId = seen.findLast(({ id }) => id !== '')?.id;
      const response = await fetch(
        `${chaos.system.url('stream-gateway', gateway)}/api/v1/sessions/${sessionId}/stream`,
        {
          headers: lastId === undefined ? {} : { 'last-event-id': lastId },
        },
      );
      for await (const event of liveEvents(response.body!)) {
        seen.push(event);
        if (until(event)) return;
      }
    };
    await view(1, ({ data }) => data.type === 'stream.chunk' && String(data['delta']).includes('One.'));
    await chaos.kill(chaos.system.replica('stream-gateway', 1));
    rest.resolve();
    await view(2, ({ data }) => data.type === 'session.status' && data['status'] === 'completed');
    const replayed: LiveEvent[] = [];
    const whole = await fetch(`${chaos.system.url('stream-gateway', 2)}/api/v1/sessions/${sessionId}/stream`);
    for await (const event of liveEvents(whole.body!)) {
      replayed.push(event);
      if (event.data.type === 'session.status' && event.data['status'] === 'completed') break;
    }
    const ids = seen.map(({ id }) => id).filter((id) => id !== '');
    expect(new Set(ids).size).toBe(ids.length);
    // A text that a viewer saw begin live is not begun again when it is stored.
    const lasting = (events: readonly LiveEvent[]): LiveEvent[] =>
      events.filter(
        ({ id, data }) => id !== '' && !(data.type === 'timeline_event.created' && data['status'] === 'streaming'),
      );
    expect(lasting(seen)).toEqual(lasting(replayed));
    expect(textsOf(seen)).toContain(`One. Two. Three. Four. ${marker}`);
  });

  /** Each event's text as a viewer shows it. */
  function textsOf(events: readonly LiveEvent[]): string[] {
    const texts = new Map<string, string>();
    for (const { data } of events) {
      const id = String(data['event_id']);
      if (data.type === 'timeline_event.created' || data.type === 'timeline_event.completed')
        texts.set(id, String(data['content']));
      if (data.type === 'stream.chunk')
        texts.set(id, (texts.get(id) ?? '').slice(0, Number(data['offset'])) + String(data['delta']));
    }
    return [...texts.values()];
  }
});
