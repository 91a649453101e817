import { afterEach, describe, expect, it } from 'vitest';
import {
  chatStage,
  sessionStatus,
  stageStatus,
  turn,
  WHOLE_SESSION,
} from '../../../apps/stream-gateway/src/live/session-log.fixture.js';
import { eventually, GatewayFixture, SessionScript } from './fixture.js';
import { SocketClient, type Message } from './socket-client.js';

const gateway = new GatewayFixture();
const clients: SocketClient[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.close()));

async function connect(): Promise<SocketClient> {
  const client = new SocketClient(gateway.url);
  clients.push(client);
  return client.opened();
}

const script = (): SessionScript => new SessionScript(gateway.messaging);
const events = (client: SocketClient): Message[] => client.messages.filter((message) => 'session_id' in message);
const stored = (client: SocketClient): number[] =>
  events(client)
    .map((event) => event['db_event_id'] as number | undefined)
    .filter((id) => id !== undefined);

describe('the WebSocket', () => {
  it('answers ping, and ignores what it does not understand', async () => {
    const client = await connect();
    client.send('no json');
    client.send({ action: 'dance' });
    client.send({ action: 'catchup', channel: 'sessions' });
    client.send({ action: 'ping' });
    await client.received(({ type }) => type === 'pong');
    expect(client.messages.map(({ type }) => type)).toEqual(['connection.established', 'pong']);
  });

  it('refuses unknown channels and requests without one', async () => {
    const client = await connect();
    client.send({ action: 'subscribe' });
    client.send({ action: 'subscribe', channel: 'session:nonsense' });
    expect(await client.received(({ type }) => type === 'error')).toMatchObject({ message: 'channel is required' });
    expect(await client.received(({ type }) => type === 'subscription.error')).toMatchObject({
      channel: 'session:nonsense',
      message: 'unknown channel',
    });
  });

  it('confirms a subscription, replays what is stored, then follows live', async () => {
    const played = script();
    await played.write(sessionStatus(1, 'in_progress'), stageStatus(2, 'active'));
    const client = await connect();
    client.send({ action: 'subscribe', channel: `session:${played.sessionId}` });
    await client.received(({ type }) => type === 'stage.status');
    expect(client.messages[1]).toEqual({ type: 'subscription.confirmed', channel: `session:${played.sessionId}` });
    expect(events(client).map(({ type }) => type)).toEqual(['session.status', 'stage.status']);
    await played.write(turn(1, 1, 'All is well.'));
    await client.received(({ type }) => type === 'timeline_event.completed');
  });

  it('numbers stored events so that each differs and they grow', async () => {
    const played = script();
    await played.write(...WHOLE_SESSION);
    const client = await connect();
    client.send({ action: 'subscribe', channel: `session:${played.sessionId}` });
    await client.received((message) => message.type === 'session.status' && message['status'] === 'completed');
    const ids = stored(client);
    expect(ids.length).toBeGreaterThan(10);
    expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
  });

  it('catches up from every event on, without gap or double', async () => {
    const played = script();
    await played.write(...WHOLE_SESSION);
    const client = await connect();
    const channel = `session:${played.sessionId}`;
    client.send({ action: 'subscribe', channel });
    const isLast = (message: Message): boolean =>
      message.type === 'session.status' && message['status'] === 'completed';
    await client.received(isLast);
    const whole = stored(client);
    for (const [index, id] of whole.slice(0, -1).entries()) {
      client.messages.length = 0;
      client.send({ action: 'catchup', channel, last_event_id: id });
      await client.received(isLast);
      expect(stored(client)).toEqual(whole.slice(index + 1));
    }
  });

  it('replays at most 200 events and says that there are more', async () => {
    const played = script();
    for (let entry = 1; entry <= 80; entry += 1) await played.write(turn(entry, entry, `answer ${entry}`));
    const client = await connect();
    const channel = `session:${played.sessionId}`;
    client.send({ action: 'subscribe', channel });
    const overflow = await client.received(({ type }) => type === 'catchup.overflow');
    expect(overflow).toEqual({ type: 'catchup.overflow', channel, has_more: true });
    expect(stored(client)).toHaveLength(200);
    client.send({ action: 'catchup', channel, last_event_id: stored(client).at(-1) });
    await eventually(() => stored(client).length === 240);
    await played.write(sessionStatus(1, 'completed'));
    await client.received(({ type }) => type === 'session.status');
  });

  it('gives a viewer who joins in the middle of an answer the text so far', async () => {
    const played = script();
    const channel = `session:${played.sessionId}`;
    const early = await connect();
    early.send({ action: 'subscribe', channel });
    await early.received(({ type }) => type === 'subscription.confirmed');
    await played.write(sessionStatus(1, 'in_progress'));
    await early.received(({ type }) => type === 'session.status');
    played.chunk(1, 1, 0, 'The disk ');
    await early.received(({ type }) => type === 'stream.chunk');
    const late = await connect();
    late.send({ action: 'subscribe', channel });
    expect(await late.received(({ type }) => type === 'stream.chunk')).toMatchObject({ delta: 'The disk ', offset: 0 });
  });

  it('cuts down large events to what must be read over REST', async () => {
    const played = script();
    await played.write(turn(1, 1, 'x'.repeat(10_000)));
    const client = await connect();
    client.send({ action: 'subscribe', channel: `session:${played.sessionId}` });
    const large = await client.received((message) => message['truncated'] === true);
    expect(large).toMatchObject({ type: 'timeline_event.completed', session_id: played.sessionId });
    expect(large).not.toHaveProperty('content');
    expect(large['db_event_id']).toEqual(expect.any(Number));
  });

  it('tells of all sessions on the channel sessions, live and unnumbered', async () => {
    const client = await connect();
    client.send({ action: 'subscribe', channel: 'sessions' });
    await client.received(({ type }) => type === 'subscription.confirmed');
    const one = script();
    const other = script();
    await eventually(async () => {
      await one.write(sessionStatus(1, 'in_progress'));
      await other.write(stageStatus(Math.ceil(Math.random() * 1e6), 'active'));
      return events(client).length >= 2;
    });
    const types = new Set(events(client).map(({ type }) => type));
    expect([...types].sort()).toEqual(['session.progress', 'session.status']);
    expect(stored(client)).toEqual([]);
  });

  it('tells on the channel sessions when a question is asked about one that has ended, and when that is answered', async () => {
    const client = await connect();
    client.send({ action: 'subscribe', channel: 'sessions' });
    await client.received(({ type }) => type === 'subscription.confirmed');
    const asked = script();
    await eventually(async () => {
      await asked.write(chatStage(Math.ceil(Math.random() * 1e6), 'active'), chatStage(Math.ceil(Math.random() * 1e6), 'completed')); // prettier-ignore
      return events(client).length >= 2;
    });
    const told = events(client).filter(({ session_id }) => session_id === asked.sessionId);
    expect(new Set(told.map(({ type }) => type))).toEqual(new Set(['stage.status']));
    expect(told[0]).toMatchObject({ stage_type: 'chat', session_id: asked.sessionId });
  });

  it('stops telling after an unsubscription', async () => {
    const played = script();
    const channel = `session:${played.sessionId}`;
    const client = await connect();
    client.send({ action: 'subscribe', channel });
    await client.received(({ type }) => type === 'subscription.confirmed');
    client.send({ action: 'unsubscribe', channel });
    client.send({ action: 'ping' });
    await client.received(({ type }) => type === 'pong');
    const other = await connect();
    other.send({ action: 'subscribe', channel });
    await other.received(({ type }) => type === 'subscription.confirmed');
    await played.write(sessionStatus(1, 'in_progress'));
    await other.received(({ type }) => type === 'session.status');
    client.send({ action: 'ping' });
    await eventually(() => client.messages.filter(({ type }) => type === 'pong').length === 2);
    expect(events(client)).toEqual([]);
  });

  it.each([
    ['https://evil.example.com', false],
    ['https://tarsy.example.com', true],
    ['http://localhost:5173', true],
  ])('origin %s may connect: %s', async (origin, allowed) => {
    const client = new SocketClient(gateway.url, origin);
    clients.push(client);
    if (allowed) await client.opened();
    else await eventually(() => client.closeCode !== undefined);
    expect(client.messages.length > 0).toBe(allowed);
  });

  it('closes a viewer who hangs while much happens, and serves the others', { timeout: 90_000 }, async () => {
    const played = script();
    const channel = `session:${played.sessionId}`;
    const [slow, quick] = [await connect(), await connect()];
    for (const client of [slow, quick]) client.send({ action: 'subscribe', channel });
    await slow.received(({ type }) => type === 'subscription.confirmed');
    slow.hang();
    const piece = 'x'.repeat(100_000);
    const seenByQuick = (): number =>
      quick.messages.reduce((sum, { type, delta }) => (type === 'stream.chunk' ? sum + String(delta).length : sum), 0);
    // 40 MB, more than the buffers of the system take, and no faster than the other viewer reads.
    for (let count = 1; count <= 400; count += 1) {
      played.chunk(count, count, 0, piece);
      if (count % 20 === 0) await eventually(() => seenByQuick() === count * piece.length, 30_000);
    }
    const metrics = async (): Promise<string> => (await fetch(`${gateway.url}/metrics`)).text();
    await eventually(async () => /tarsy_ws_connections_active 1\b/.test(await metrics()), 30_000);
    expect(quick.closeCode).toBeUndefined();
    await played.write(sessionStatus(1, 'completed'));
    await quick.received(({ type }) => type === 'session.status');
  });
});
