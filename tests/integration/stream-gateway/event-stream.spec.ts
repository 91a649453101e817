import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  chatStage,
  concluded,
  question,
  sessionStatus,
  stageStatus,
  turn,
  WHOLE_SESSION,
} from '../../../apps/stream-gateway/src/live/session-log.fixture.js';
import { contentsOf, readEvents, type ReceivedEvent } from './event-source.js';
import { eventually, GatewayFixture, SessionScript } from './fixture.js';
import { SocketClient } from './socket-client.js';

const gateway = new GatewayFixture();

async function newSession(status = 'in_progress'): Promise<{ script: SessionScript; url: string }> {
  const script = new SessionScript(gateway.messaging);
  await gateway.storeSession(script.sessionId, status);
  return { script, url: `${gateway.url}/api/v1/sessions/${script.sessionId}/stream` };
}

const idsOf = (events: readonly ReceivedEvent[]): string[] =>
  events.map(({ id }) => id).filter((id) => id !== undefined);
const types = (events: readonly ReceivedEvent[]): string[] => events.map(({ data }) => data.type);
const chunkText = (events: readonly ReceivedEvent[]): string =>
  events.map(({ data }) => (data.type === 'stream.chunk' ? data.delta : '')).join('');

describe('the event stream of a session', () => {
  it('tells a finished session whole, then ends', async () => {
    const { script, url } = await newSession('completed');
    await script.write(...WHOLE_SESSION);
    const { events } = await readEvents(url);
    expect(events.at(-1)?.name).toBe('end');
    expect(events.at(-2)?.data).toMatchObject({ type: 'session.status', status: 'completed' });
    expect(new Set(idsOf(events)).size).toBe(events.length - 1);
  });

  it('resumes without gap or double wherever the connection was cut', async () => {
    const { script, url } = await newSession('completed');
    await script.write(...WHOLE_SESSION);
    const whole = (await readEvents(url)).events.filter(({ name }) => name === 'message');
    expect(whole.length).toBeGreaterThan(20);
    for (let cut = 1; cut < whole.length; cut += 1) {
      const before = (await readEvents(url, undefined, (events) => events.length === cut)).events;
      const after = (await readEvents(url, before.at(-1)!.id)).events.filter(({ name }) => name === 'message');
      expect([...before, ...after]).toEqual(whole);
    }
  });

  it('resumes on another replica', async () => {
    const { script, url } = await newSession('completed');
    await script.write(...WHOLE_SESSION);
    const whole = (await readEvents(url)).events;
    const replica = await gateway.startReplica();
    const elsewhere = new URL(url);
    elsewhere.port = String(replica.port);
    const after = (await readEvents(elsewhere.href, whole[9]!.id)).events;
    expect([...whole.slice(0, 10), ...after]).toEqual(whole);
  });

  it('goes on elsewhere when the replica it was read from stops', async () => {
    const { script, url } = await newSession();
    await script.write(...WHOLE_SESSION.slice(0, 6));
    const replica = await gateway.startReplica();
    const elsewhere = new URL(url);
    elsewhere.port = String(replica.port);
    const seen: ReceivedEvent[] = [];
    const reading = readEvents(elsewhere.href, undefined, (events) => {
      seen.splice(0, seen.length, ...events);
      return false;
    }).catch(() => undefined);
    await eventually(() => seen.length >= 10);
    await replica.stop();
    await reading;
    expect(seen.map(({ name }) => name)).not.toContain('end');
    await script.write(...WHOLE_SESSION.slice(6));
    const after = (await readEvents(url, idsOf(seen).at(-1))).events;
    expect([...seen, ...after]).toEqual((await readEvents(url)).events);
  });

  it('tells an EventSource that has everything to stay away', async () => {
    const { script, url } = await newSession('completed');
    await script.write(...WHOLE_SESSION);
    const { events } = await readEvents(url);
    expect((await readEvents(url, events.at(-2)!.id)).status).toBe(204);
  });

  it('follows a session live to its end', async () => {
    const { script, url } = await newSession();
    const reading = readEvents(url);
    await script.write(...WHOLE_SESSION);
    const { events } = await reading;
    expect(types(events)).toContain('timeline_event.completed');
    expect(events.at(-1)?.name).toBe('end');
  });

  it('streams an answer in pieces and completes it from the journal', async () => {
    const { script, url } = await newSession();
    await script.write(sessionStatus(1, 'in_progress'), stageStatus(2, 'active'));
    const seen: ReceivedEvent[] = [];
    const reading = readEvents(url, undefined, (events) => {
      seen.splice(0, seen.length, ...events);
      return false;
    });
    await eventually(() => seen.length >= 2);
    script.chunk(1, 1, 0, 'The disk ');
    script.chunk(1, 1, 9, 'is full.');
    await eventually(() => chunkText(seen) === 'The disk is full.');
    await script.write(
      turn(1, 1, 'The disk is full.'),
      concluded(2, 'completed', 'Done.'),
      sessionStatus(3, 'completed'),
    );
    const { events } = await reading;
    const answer = events.filter(({ data }) => 'event_type' in data && data.event_type === 'llm_response');
    expect(answer.map(({ data }) => data.type)).toEqual(['timeline_event.created', 'timeline_event.completed']);
    expect(chunkText(events)).toBe('The disk is full.');
  });

  it('gives a viewer who joins in the middle of an answer the text so far', async () => {
    const { script, url } = await newSession();
    await script.write(sessionStatus(1, 'in_progress'));
    const early: ReceivedEvent[] = [];
    const first = readEvents(url, undefined, (events) => {
      early.splice(0, early.length, ...events);
      return false;
    });
    await eventually(() => early.length > 0);
    script.chunk(1, 1, 0, 'The ');
    script.chunk(1, 1, 4, 'disk ');
    await eventually(() => chunkText(early) === 'The disk ');
    const late = await readEvents(url, undefined, (events) => chunkText(events).length > 0);
    expect(chunkText(late.events)).toBe('The disk ');
    expect(types(late.events)).toEqual(['session.status', 'timeline_event.created', 'stream.chunk']);
    await script.write(turn(1, 1, 'The disk is full.'), sessionStatus(2, 'completed'));
    await first;
  });

  it('loses and doubles nothing of an answer for a viewer who is cut off while it streams', async () => {
    const { script, url } = await newSession();
    const text = Array.from({ length: 60 }, (_, index) => `word${index} `).join('');
    await script.write(sessionStatus(1, 'in_progress'));
    const writing = (async () => {
      let offset = 0;
      for (const word of text.match(/\S+ /g)!) {
        script.chunk(1, 1, offset, word);
        offset += word.length;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await script.write(turn(1, 1, text), sessionStatus(2, 'completed'));
    })();
    const all: ReceivedEvent[] = [];
    for (let cut = 1; all.at(-1)?.name !== 'end'; cut += 3) {
      const lastId = idsOf(all).at(-1);
      const { status, events } = await readEvents(url, lastId, (received) => received.length >= cut);
      all.push(...events);
      if (status === 204) break;
      const answer = contentsOf(all).values().next().value;
      if (answer !== undefined) expect(text.startsWith(answer)).toBe(true);
    }
    await writing;
    expect([...contentsOf(all).values()]).toEqual([text]);
    const ids = idsOf(all);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('tells how a session ended whose log is gone', async () => {
    const { url } = await newSession('failed');
    const { events } = await readEvents(url);
    expect(events.map(({ data }) => data)).toMatchObject([{ type: 'session.status', status: 'failed' }, {}]);
    expect(events.at(-1)?.name).toBe('end');
  });

  it('tells an answer to a question about a session that has ended, as long as it is being written', async () => {
    const { script, url } = await newSession('completed');
    await script.write(...WHOLE_SESSION);
    const { events: before } = await readEvents(url);
    await script.write(chatStage(8, 'active'), question(9, 'Which disk?'));
    const seen: ReceivedEvent[] = [];
    const reading = readEvents(url, idsOf(before).at(-1), (events) => {
      seen.splice(0, seen.length, ...events);
      return false;
    });
    await eventually(() => types(seen).includes('timeline_event.created'));
    script.chunk(6, 3, 0, 'The one ');
    script.chunk(6, 3, 8, 'at /.');
    await eventually(() => chunkText(seen) === 'The one at /.');
    await script.write(turn(6, 3, 'The one at /.'), concluded(7, 'completed', 'The one at /.'), chatStage(10, 'completed')); // prettier-ignore
    const { events } = await reading;
    expect(types(events).slice(0, 3)).toEqual(['stage.status', 'chat.created', 'timeline_event.created']);
    expect(events.slice(-2)).toMatchObject([{ data: { type: 'stage.status', status: 'completed' } }, { name: 'end' }]);
    expect((await readEvents(url, idsOf(events).at(-1))).status).toBe(204);
  });

  it('shows a question to whoever joins right after it was asked, though others watch the session', async () => {
    const { script, url } = await newSession('completed');
    await script.write(...WHOLE_SESSION);
    const other = await new SocketClient(gateway.url).opened();
    other.send({ action: 'subscribe', channel: `session:${script.sessionId}` });
    await other.received(({ type, status }) => type === 'session.status' && status === 'completed');
    for (let round = 0; round < 5; round += 1) {
      await script.write(chatStage(8 + 3 * round, 'active'), question(9 + 3 * round, `Question ${round}`, round === 0));
      const isAsked = (events: readonly ReceivedEvent[]): boolean => events.some(({ data }) => 'content' in data && data.content === `Question ${round}`); // prettier-ignore
      const { events } = await readEvents(url, undefined, isAsked);
      expect(isAsked(events)).toBe(true);
      await script.write(chatStage(10 + 3 * round, 'completed'));
    }
    await other.received(({ content }) => content === 'Question 4');
    other.close();
  });

  it('tells an answer where the log of the session is gone', async () => {
    const { script, url } = await newSession('failed');
    await script.write(chatStage(8, 'active'), question(9, 'Which disk?'));
    const reading = readEvents(url);
    await script.write(chatStage(10, 'completed'));
    const { events } = await reading;
    expect(types(events).slice(0, 4)).toEqual(['stage.status', 'chat.created', 'timeline_event.created', 'stage.status']); // prettier-ignore
    expect(events.at(-1)?.name).toBe('end');
    expect((await readEvents(url)).events.at(-1)?.name).toBe('end');
  });

  it('answers 404 for a session that nobody has', async () => {
    expect((await readEvents(`${gateway.url}/api/v1/sessions/${randomUUID()}/stream`)).status).toBe(404);
    expect((await readEvents(`${gateway.url}/api/v1/sessions/nonsense/stream`)).status).toBe(404);
  });
});
