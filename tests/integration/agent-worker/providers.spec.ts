import { randomUUID } from 'node:crypto';
import type { JournalEntryOf, ModelReference, TaskScheduled } from '@tarsy/contracts';
import type { ModelTurn } from '@tarsy/testing';
import { describe, expect, it } from 'vitest';
import { eventually, useWorkers } from './fixture.js';

const fixture = useWorkers();

const reference = (type: 'openai' | 'anthropic' | 'google', changes: Partial<ModelReference> = {}): ModelReference => ({
  provider: `${type}-${randomUUID().slice(0, 8)}`,
  type,
  model: type === 'google' ? 'gemini-3.7-flash' : `model-of-${type}`,
  backend: 'langchain',
  baseUrl: type === 'openai' ? fixture.model.url : fixture.model.origin,
  apiKeyEnv: 'SCRIPTED_KEY',
  nativeTools: {},
  ...changes,
});

const switches = async (task: TaskScheduled): Promise<JournalEntryOf<'model-switched'>[]> =>
  (await fixture.journalOf(task)).filter((entry) => entry.type === 'model-switched');
const dialects = (task: TaskScheduled): string[] =>
  fixture.model.requestsOf(task.executionId).map(({ dialect }) => dialect);
const untilParked = (task: TaskScheduled): Promise<JournalEntryOf<'parked'>> =>
  eventually(async () => (await fixture.journalOf(task)).findLast((entry) => entry.type === 'parked'));

const cpu = { name: 'host__cpu', arguments: {} };
const partial: ModelTurn = { text: 'The cause may be', breakAfterChunks: 2 };
const limits = { iterationTimeoutMs: 60_000, llmCallTimeoutMs: 60_000, firstTokenTimeoutMs: 400, stallTimeoutMs: 400, toolCallTimeoutMs: 30_000 }; // prettier-ignore

describe('an execution whose provider fails', () => {
  it.each<[string, ModelTurn[], string]>([
    ['refuses the key', [{ error: { status: 401 } }], 'CREDENTIALS'],
    ['does not accept requests', [{ error: { status: 400 } }, { error: { status: 400 } }], 'INVALID_REQUEST'],
    ['sends no first token', [{ beforeAnswer: new Promise(() => undefined) }, { beforeAnswer: new Promise(() => undefined) }], 'INITIAL_RESPONSE_TIMEOUT'], // prettier-ignore
    ['breaks off answers', [partial, partial], 'PARTIAL_STREAM_ERROR'],
    [
      'stalls',
      [
        { text: 'so far', stallAfterChunks: 2 },
        { text: 'so far', stallAfterChunks: 2 },
      ],
      'STALL_TIMEOUT',
    ],
    ['is out of order on every try', Array.from({ length: 4 }, () => ({ error: { status: 500 } })), 'MAX_RETRIES'],
  ])('finishes on another when it %s', async (_how, failures, errorCode) => {
    await fixture.startWorker('w1');
    const [model, other] = [reference('openai'), reference('anthropic')];
    const turns = [...failures, { text: 'I look.', toolCalls: [cpu] }, { text: 'The CPU is busy.' }];
    const task = fixture.task(turns, { model, fallbackModels: [other], limits });
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'The CPU is busy.', iterationsUsed: 2 }); // prettier-ignore
    expect(await switches(task)).toMatchObject([
      { attempt: 1, from: { provider: model.provider }, to: { provider: other.provider }, errorCode },
    ]);
    expect(dialects(task)).toEqual([...failures.map(() => 'openai-chat'), 'anthropic-messages', 'anthropic-messages']);
  });

  it('goes through the list, and does not give one vendor the secrets of another', async () => {
    await fixture.startWorker('w1');
    const signed = { thinking: 'hm', signature: 'c2VjcmV0', toolCalls: [cpu] };
    const refused = { error: { status: 401 } };
    const task = fixture.task([signed, refused, refused, { text: 'The CPU is busy.' }], {
      model: reference('anthropic'),
      fallbackModels: [reference('google'), reference('openai')],
    });
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed' });
    expect(dialects(task)).toEqual(['anthropic-messages', 'anthropic-messages', 'gemini', 'openai-chat']);
    const [, second, third, fourth] = fixture.model
      .requestsOf(task.executionId)
      .map(({ body }) => JSON.stringify(body));
    expect(second).toContain('c2VjcmV0');
    expect(third).not.toContain('c2VjcmV0');
    expect(fourth).not.toContain('c2VjcmV0');
  });

  it('keeps the signatures of its thinking when another worker goes on', async () => {
    const first = await fixture.startWorker('w1');
    const gate = Promise.withResolvers<void>();
    const task = fixture.task(
      [
        { thinking: 'hm', signature: 'c2lnbmVk', toolCalls: [cpu] },
        { text: 'never', beforeAnswer: gate.promise },
        { text: 'The CPU is busy.' },
      ],
      { model: reference('anthropic') },
    );
    await fixture.schedule(task);
    await fixture.model.request(task.executionId, 2);
    await Promise.all([first.stop(), fixture.startWorker('w2')]);
    gate.resolve();
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'The CPU is busy.' });
    expect(JSON.stringify(fixture.model.requestsOf(task.executionId)[2]!.body)).toContain('c2lnbmVk');
  });
});

describe('an execution whose provider is busy', () => {
  it('parks until the time that the vendor names, and goes on then', async () => {
    const worker = await fixture.startWorker('w1');
    const model = reference('openai');
    const task = fixture.task([{ error: { status: 429, headers: { 'retry-after': '4' } } }, { text: 'The CPU is busy.' }], { model }); // prettier-ignore
    await fixture.schedule(task);
    const { wakeAt, reason, wakeCount } = await untilParked(task);
    expect({ reason, wakeCount }).toEqual({ reason: 'rate-limit', wakeCount: 0 });
    const waitMs = Date.parse(wakeAt!) - Date.now();
    expect(waitMs).toBeGreaterThan(500);
    expect(waitMs).toBeLessThanOrEqual(4_000);
    expect((await fetch(`http://127.0.0.1:${worker.port}/metrics`).then((response) => response.text())).match(/tarsy_workers_active (\d+)/)?.[1]).toBe('0'); // prettier-ignore
    await new Promise((resolve) => setTimeout(resolve, waitMs + 200));
    await fixture.schedule({ ...task, wakeCount: 1 });
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', iterationsUsed: 1 });
    expect((await fixture.journalOf(task)).map(({ type }) => type)).toEqual(['claimed', 'prompted', 'parked', 'claimed', 'turn', 'concluded']); // prettier-ignore
  });

  it('parks at a limit that was set for the provider, whoever uses it up, and costs nothing meanwhile', async () => {
    await fixture.startWorker('w1');
    await fixture.startWorker('w2');
    const model = reference('openai', { limits: { requestsPerMinute: 2 } });
    const tasks = Array.from({ length: 4 }, () => fixture.task([{ text: 'ok' }], { model, fallbackModels: [reference('anthropic')] })); // prettier-ignore
    for (const task of tasks) await fixture.schedule(task);
    const ends = await Promise.all(tasks.map(async (task) => eventually(async () => (await fixture.journalOf(task)).find(({ type }) => type === 'parked' || type === 'concluded')?.type))); // prettier-ignore
    expect(ends.sort()).toEqual(['concluded', 'concluded', 'parked', 'parked']);
    expect(tasks.flatMap(dialects)).toEqual(['openai-chat', 'openai-chat']);
    for (const task of tasks) expect(await switches(task)).toEqual([]);
  });

  it('takes another provider where the vendor is at its own limits', async () => {
    await fixture.startWorker('w1');
    const other = reference('anthropic');
    const task = fixture.task([{ error: { status: 429, headers: { 'retry-after': '600' } } }, { text: 'ok' }], { model: reference('openai'), fallbackModels: [other] }); // prettier-ignore
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed' });
    expect(await switches(task)).toMatchObject([{ errorCode: 'PROVIDER_BUSY', to: { provider: other.provider } }]);
  });
});
