import { randomUUID } from 'node:crypto';
import {
  deadLettersViewSchema,
  executionOutcome,
  queuesViewSchema,
  runbookLookup,
  serverHealth,
  servicePresence,
  servicesViewSchema,
  settleDeadLetter,
  subjectFilters,
  subjects,
  toolCatalogue,
  type DeadLettersView,
  type StreamName,
} from '@tarsy/contracts';
import { Buckets, ConsumerHost, DeadLetters, Lookups, type RunningConsumer } from '@tarsy/messaging';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeadLettersConsumer } from '../../../apps/chain-runner/src/dead-letters/dead-letters.consumer.js';
import { eventually, GatewayFixture } from './fixture.js';

const gateway = new GatewayFixture();

const api = async (path: string, init?: RequestInit): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${gateway.url}/api/v1/system${path}`, init);
  return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
};

describe('the system', () => {
  it('shows the configuration in effect, and skills by name', async () => {
    expect((await api('/config')).body).toMatchObject({
      defaults: { alert_type: 'DiskFull' },
      skills: { disks: { description: 'About disks' } },
    });
    expect(await api('/config/skills/disks')).toEqual({
      status: 200,
      body: { name: 'disks', description: 'About disks', body: 'Look at them.' },
    });
    expect(await api('/config/skills/none')).toMatchObject({ status: 404 });
  });

  it('shows what chain-runner knows of public prices', async () => {
    const catalog = async (): Promise<unknown> =>
      ((await api('/config')).body as { system: { cost_estimation: { catalog: unknown } } }).system.cost_estimation
        .catalog;
    expect(await catalog()).toEqual({ source: 'none', entry_count: 0 });
    const at = '2026-03-04T05:06:07.000Z';
    const bucket = new Buckets(gateway.messaging).open(servicePresence);
    const tell = async (replica: string, details: Record<string, string | number>): Promise<void> =>
      await bucket.put(`chain-runner.${replica}`, { app: 'chain-runner', replica, pid: 1, version: '1', startedAt: at, seenAt: at, details }); // prettier-ignore
    await tell('1', { priceSource: 'snapshot', priceModels: 20, pricesProblem: 'HTTP 404' });
    expect(await catalog()).toEqual({ source: 'snapshot', entry_count: 20, last_error: 'HTTP 404' });
    await tell('2', { priceSource: 'catalog', priceModels: 900, pricesFetchedAt: at });
    expect(await catalog()).toEqual({ source: 'catalog', entry_count: 900, last_fetch: at });
    await Promise.all(['1', '2'].map((replica) => bucket.delete(`chain-runner.${replica}`)));
  });

  it('answers what alerts get by default', async () => {
    expect((await api('/default-tools')).body).toEqual({
      mcp_servers: ['host'],
      native_tools: { google_search: false, code_execution: false, url_context: false },
    });
    const types = await fetch(`${gateway.url}/api/v1/alert-types`);
    expect(await types.json()).toEqual({
      alert_types: [{ type: 'DiskFull', chain_id: 'disk', description: 'Disk investigation' }],
      default_chain_id: 'disk',
      default_alert_type: 'DiskFull',
    });
  });

  it('shows tool servers and warns of those that are down', async () => {
    const buckets = new Buckets(gateway.messaging);
    const at = '2026-03-04T05:06:07.000Z';
    await buckets.open(toolCatalogue).put('host', {
      server: 'host',
      tools: [{ name: 'disk_usage', description: 'Disks', inputSchema: {}, annotations: {} }],
      updatedAt: at,
    });
    const health = { checkedAt: at, changedAt: at };
    await buckets
      .open(serverHealth)
      .put('host', { ...health, server: 'host', healthy: true, toolCount: 1, errorMessage: null });
    await buckets
      .open(serverHealth)
      .put('down', { ...health, server: 'down', healthy: false, toolCount: 0, errorMessage: 'connection refused' });
    const { body } = await api('/mcp-servers');
    expect(body).toEqual({
      servers: [
        { id: 'down', healthy: false, last_check: at, tool_count: 0, tools: [], error: 'connection refused' },
        {
          id: 'host',
          healthy: true,
          last_check: at,
          tool_count: 1,
          tools: [{ name: 'disk_usage', description: 'Disks' }],
          error: null,
        },
      ],
    });
    expect((await api('/warnings')).body).toMatchObject({
      warnings: [{ category: 'mcp_health', server_id: 'down', details: 'connection refused', created_at: at }],
    });
  });

  it('shows every queue with what waits in it', async () => {
    const { streams } = queuesViewSchema.parse((await api('/queues')).body);
    expect(streams.map(({ name }) => name)).toEqual(expect.arrayContaining(['ALERTS', 'TASKS', 'DEADLETTERS']));
    const consumer = await new ConsumerHost(gateway.messaging).consume(
      executionOutcome,
      { durable: 'chain-runner-outcomes', filterSubjects: [subjectFilters.outcomes] },
      () => Promise.resolve(),
    );
    await consumer.stop();
    await gateway.publisher.publish(executionOutcome, {
      sessionId: randomUUID(),
      stageId: randomUUID(),
      executionId: randomUUID(),
      wakeCount: 0,
      status: 'completed',
      forcedConclusion: false,
      iterationsUsed: 1,
      finishedAt: '2026-03-04T05:06:07.000Z',
    });
    const outcomes = queuesViewSchema
      .parse((await api('/queues')).body)
      .streams.find(({ name }) => name === 'OUTCOMES');
    expect(outcomes).toMatchObject({
      messages: 1,
      consumers: [{ name: 'chain-runner-outcomes', pending: 1, ack_pending: 0, redelivered: 0 }],
    });
  });

  it('shows the services that report', async () => {
    const services = await eventually(async () => {
      const found = servicesViewSchema.parse((await api('/services')).body);
      return found.services.length > 0 && found.services;
    });
    expect(services).toMatchObject([{ app: 'stream-gateway' }]);
  });
});

describe('runbooks', () => {
  const url = 'https://github.com/acme/runbooks/blob/main/disk.md';
  const list = async (): Promise<unknown> => (await fetch(`${gateway.url}/api/v1/runbooks`)).json();

  it('are those that mcp-broker tells, and none while it is away', async () => {
    expect(await list()).toEqual([]);
    const stop = new Lookups(gateway.messaging).answer(runbookLookup, () => Promise.resolve({ urls: [url] }));
    await gateway.messaging.connection.flush();
    expect(await list()).toEqual([url]);
    stop();
  });
});

describe('dead letters', () => {
  let letters: DeadLetters;
  let settler: RunningConsumer;
  beforeAll(async () => (settler = await settleCommands()));
  afterAll(() => settler.stop());
  beforeEach(() => (letters = new DeadLetters(gateway.messaging)));
  afterEach(async () => {
    for (const { sequence } of await letters.list({ limit: 100 })) await letters.discard(sequence);
  });

  /** What chain-runner does with commands. */
  function settleCommands(): Promise<RunningConsumer> {
    const { messaging, logger } = gateway;
    const consumer = new DeadLettersConsumer(new DeadLetters(messaging), messaging, logger);
    return new ConsumerHost(messaging).consume(settleDeadLetter, { durable: 'settler' }, (command) => consumer.onSettle(command)); // prettier-ignore
  }

  /** As the host of a consumer would set a message aside. */
  async function setAside(stream: StreamName, sequence: number): Promise<void> {
    await letters.publish({
      stream,
      subject: `${gateway.messaging.namespace}.${stream.toLowerCase()}.${randomUUID()}`,
      sequence,
      publishedAt: new Date(),
      consumer: 'chain-runner',
      attempts: 5,
      errorCode: 'BROKEN',
      errorMessage: 'it is broken',
      headers: undefined,
      data: new TextEncoder().encode(`{"number":${sequence}}`),
    });
  }

  async function list(query = ''): Promise<DeadLettersView> {
    return deadLettersViewSchema.parse((await api(`/dead-letters${query}`)).body);
  }

  const change = (path: string, method: string): ReturnType<typeof api> =>
    api(`/dead-letters/${path}`, { method, headers: { 'x-forwarded-user': 'ann' } });

  it('are listed newest first, page by page', async () => {
    for (const sequence of [1, 2, 3]) await setAside('OUTCOMES', sequence);
    const first = await list('?limit=2');
    expect(first.dead_letters.map(({ body }) => body)).toEqual(['{"number":3}', '{"number":2}']);
    const second = await list(`?limit=2&before=${first.next_before}`);
    expect(second.dead_letters.map(({ body }) => body)).toEqual(['{"number":1}']);
    expect(second.next_before).toBeNull();
    expect((await api('/dead-letters?limit=none')).status).toBe(400);
  });

  it('go back to their queue once when they are replayed, and the log says who asked', async () => {
    const info = vi.spyOn(gateway.logger, 'info');
    await setAside('OUTCOMES', 11);
    const [letter] = (await list()).dead_letters;
    const waiting = await messagesOf('OUTCOMES');
    expect((await change(`${letter!.sequence}/replay`, 'POST')).status).toBe(204);
    expect(await messagesOf('OUTCOMES')).toBe(waiting + 1);
    expect((await list()).dead_letters).toEqual([]);
    expect((await change(`${letter!.sequence}/replay`, 'POST')).status).toBe(404);
    expect(await messagesOf('OUTCOMES')).toBe(waiting + 1);
    expect(info).toHaveBeenCalledWith(
      expect.objectContaining({ author: 'ann', sequence: letter!.sequence, stream: 'OUTCOMES', code: 'BROKEN' }),
      'dead_letter.replayed',
    );
  });

  it('are gone when they are discarded, and the log says who asked', async () => {
    const info = vi.spyOn(gateway.logger, 'info');
    await setAside('OUTCOMES', 21);
    const [letter] = (await list()).dead_letters;
    const waiting = await messagesOf('OUTCOMES');
    expect((await change(`${letter!.sequence}`, 'DELETE')).status).toBe(204);
    expect((await list()).dead_letters).toEqual([]);
    expect(await messagesOf('OUTCOMES')).toBe(waiting);
    expect((await change(`${letter!.sequence}`, 'DELETE')).status).toBe(404);
    expect(info).toHaveBeenCalledWith(
      expect.objectContaining({ author: 'ann', sequence: letter!.sequence }),
      'dead_letter.discarded',
    );
  });

  it('of a log go to the consumer that gave them up, and to the log no second time', async () => {
    await setAside('SESSIONS', 31);
    const [letter] = (await list()).dead_letters;
    expect(letter).toMatchObject({ stream: 'SESSIONS', can_replay: true });
    expect((await change(`${letter!.sequence}/replay`, 'POST')).status).toBe(204);
    const { manager, names } = gateway.messaging;
    const again = await manager.streams.getMessage(names.stream('SESSIONS'), {
      last_by_subj: names.qualify(subjects.redelivery('chain-runner')),
    });
    expect(again?.string()).toBe('{"number":31}');
  });

  it('stay where they are when nobody answers', async () => {
    await settler.stop();
    await setAside('OUTCOMES', 41);
    const [letter] = (await list()).dead_letters;
    expect((await change(`${letter!.sequence}/replay`, 'POST')).status).toBe(503);
    settler = await settleCommands();
    // The stored command is carried out all the same.
    await vi.waitFor(async () => expect((await list()).dead_letters).toEqual([]), 10_000);
  });

  it.each(['0', '-1', '1.5', 'nonsense'])('answer 400 to the number %s, which none of them has', async (sequence) => {
    expect((await change(sequence, 'DELETE')).status).toBe(400);
    expect((await change(`${sequence}/replay`, 'POST')).status).toBe(400);
  });

  async function messagesOf(stream: StreamName): Promise<number> {
    const { streams } = queuesViewSchema.parse((await api('/queues')).body);
    return streams.find(({ name }) => name === stream)!.messages;
  }
});
