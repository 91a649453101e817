import { subjects, toolCallCompleted, toolCallRequested } from '@tarsy/contracts';
import { ConsumerHost, MessagePublisher } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually, useBrokers } from './fixture.js';

const fixture = useBrokers();

describe('a tool server that ends in the middle of a call', () => {
  it('is started again, and a call that only reads is repeated once', async () => {
    await fixture.startBroker({ tools: fixture.toolServer() });
    expect(await fixture.call('tools', 'look_and_break', { key: 'r' })).toMatchObject({ outcome: 'ok' });
    expect(fixture.runsOf('r')).toHaveLength(2);
    expect(await fixture.call('tools', 'set_and_break', { key: 'i' })).toMatchObject({ outcome: 'ok' });
    expect(fixture.runsOf('i')).toHaveLength(2);
  });

  it('leaves the outcome of any other call unknown, and serves the next one', async () => {
    await fixture.startBroker({ tools: fixture.toolServer() });
    const result = await fixture.call('tools', 'change_and_break', { key: 'w' });
    expect(result).toMatchObject({
      outcome: 'unknown',
      isError: true,
      content: expect.stringContaining('The outcome of change_and_break is unknown') as string,
    });
    expect(fixture.runsOf('w')).toHaveLength(1);
    expect(await fixture.call('tools', 'change', { key: 'next' })).toMatchObject({ outcome: 'ok' });
  });
});

describe('a request that is delivered again', () => {
  it('is not run when its result is on the session log', async () => {
    const { messaging } = fixture;
    const call = await fixture.request('tools', 'look', { key: 'known' });
    const { sessionId, stageId, executionId, callId, server, tool } = call;
    await new MessagePublisher(messaging).publishOnce(toolCallCompleted, {
      ...{ sessionId, stageId, executionId, callId, server, tool, outcome: 'ok', isError: false, durationMs: 1 },
      content: 'the first answer',
      completedAt: new Date().toISOString(),
    });
    await fixture.startBroker({ tools: fixture.toolServer() });
    await eventually(async () => (await fixture.queued('tools')) === 0);
    expect((await fixture.resultOf(call)).content).toBe('the first answer');
    expect(fixture.runsOf('known')).toEqual([]);
  });

  it('is run if nobody began it before, whatever the tool', async () => {
    const { messaging } = fixture;
    const refused = Promise.withResolvers<void>();
    const host = new ConsumerHost(messaging);
    const options = { durable: 'mcp-broker-tools', filterSubjects: [subjects.toolCall('tools')] };
    const consumer = await host.consume(toolCallRequested, options, () => {
      refused.resolve();
      return Promise.reject(new Error('this replica stops'));
    });
    const call = await fixture.request('tools', 'change', { key: 'later' });
    await refused.promise;
    await consumer.stop();
    await fixture.startBroker({ tools: fixture.toolServer() });
    expect(await fixture.resultOf(call)).toMatchObject({ outcome: 'ok' });
    expect(fixture.runsOf('later')).toHaveLength(1);
  });

  it('is run once although the queue holds two copies of it', async () => {
    const { messaging } = fixture;
    const call = await fixture.request('tools', 'change', { key: 'twice', hold: true });
    const subject = messaging.names.qualify(subjects.toolCall('tools'));
    await messaging.jetstream.publish(subject, JSON.stringify(call), { msgID: randomUUID() });
    const servers = { tools: fixture.toolServer() };
    await Promise.all([fixture.startBroker(servers), fixture.startBroker(servers)]);
    await eventually(() => fixture.runsOf('twice').length > 0);
    fixture.release('twice');
    expect(await fixture.resultOf(call)).toMatchObject({ outcome: 'ok', content: 'change twice done' });
    await eventually(async () => (await fixture.queued('tools')) === 0);
    expect(fixture.runsOf('twice')).toHaveLength(1);
  });
});

describe('a broker that stops', () => {
  it('lets running calls finish within the grace time', async () => {
    const broker = await fixture.startBroker({ tools: fixture.toolServer() }, 20_000);
    const call = await fixture.request('tools', 'change', { key: 'g', hold: true });
    await eventually(() => fixture.runsOf('g').length > 0);
    const stopped = broker.stop();
    fixture.release('g');
    await stopped;
    expect(await fixture.resultOf(call)).toMatchObject({ outcome: 'ok' });
    expect(await fixture.queued('tools')).toBe(0);
  });

  it('leaves what is not done by then to another: it reads again, and says that it does not know the rest', async () => {
    const servers = { tools: fixture.toolServer() };
    const broker = await fixture.startBroker(servers, 100);
    const look = await fixture.request('tools', 'look', { key: 'look', hold: true });
    const change = await fixture.request('tools', 'change', { key: 'change', hold: true });
    await eventually(() => fixture.runsOf('look').length + fixture.runsOf('change').length === 2);
    await broker.stop();
    expect(await fixture.queued('tools')).toBe(2);
    fixture.release('look');
    fixture.release('change');
    await fixture.startBroker(servers);
    expect(await fixture.resultOf(look)).toMatchObject({ outcome: 'ok', content: 'look look done' });
    expect(await fixture.resultOf(change)).toMatchObject({ outcome: 'unknown', isError: true });
    expect(fixture.runsOf('look')).toHaveLength(2);
    expect(fixture.runsOf('change')).toHaveLength(1);
  });

  it('killed in the middle of calls, is followed by another that does the same', async () => {
    const servers = { tools: fixture.toolServer() };
    const broker = await fixture.spawnBroker(servers);
    const look = await fixture.request('tools', 'look', { key: 'look', hold: true });
    const change = await fixture.request('tools', 'change', { key: 'change', hold: true });
    await eventually(() => fixture.runsOf('look').length + fixture.runsOf('change').length === 2);
    broker.kill('SIGKILL');
    fixture.release('look');
    await fixture.startBroker(servers);
    expect(await fixture.resultOf(look)).toMatchObject({ outcome: 'ok' });
    expect(await fixture.resultOf(change)).toMatchObject({ outcome: 'unknown' });
    expect(fixture.runsOf('look')).toHaveLength(2);
    expect(fixture.runsOf('change')).toHaveLength(1);
  });
});

describe('a call that takes longer than the ack wait', () => {
  it('is not given to another broker while its own is alive', async () => {
    const servers = { tools: fixture.toolServer() };
    await Promise.all([fixture.startBroker(servers), fixture.startBroker(servers)]);
    const call = await fixture.request('tools', 'look', { key: 'long', hold: true });
    await eventually(() => fixture.runsOf('long').length > 0);
    const ackWaitIsOverAt = Date.now() + 11_000;
    await eventually(() => fixture.runsOf('long').length > 1 || Date.now() > ackWaitIsOverAt);
    fixture.release('long');
    expect(await fixture.resultOf(call)).toMatchObject({ outcome: 'ok' });
    expect(fixture.runsOf('long')).toHaveLength(1);
  });
});
