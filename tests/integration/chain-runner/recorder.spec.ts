import { toolCallCompleted, type JournalEntry, type ToolCallCompleted } from '@tarsy/contracts';
import { PriceList } from '@tarsy/config';
import { newId } from '@tarsy/core';
import { DeadLetters, JournalStore, type DeadLetter } from '@tarsy/messaging';
import { AgentExecution } from '@tarsy/persistence';
import { describe, expect, it } from 'vitest';
import type { ModelPrices } from '../../../apps/chain-runner/src/recorder/model-prices.js';
import { RecordsRepository } from '../../../apps/chain-runner/src/recorder/records.repository.js';
import { eventually, RunnerFixture } from './fixture.js';

const runner = new RunnerFixture();

type LogMessage = JournalEntry | ToolCallCompleted;
type NewEntry = JournalEntry extends infer Entry
  ? Entry extends JournalEntry
    ? Omit<Entry, 'sessionId' | 'executionId' | 'stageId' | 'entry' | 'at'>
    : never
  : never;

interface Place {
  readonly sessionId: string;
  readonly stageId: string;
  readonly executionId: string;
}

const somewhere = (): Place => ({ sessionId: newId(), stageId: newId(), executionId: newId() });
const AT = '2026-03-04T05:06:07.000Z';

const turn = (number: number, text: string, calls: readonly string[] = [], inputTokens = 10): NewEntry => ({
  type: 'turn',
  turn: number,
  interactionType: 'iteration',
  iteration: number,
  provider: 'test',
  model: 'test-1',
  thinking: `thoughts ${number}`,
  text,
  toolCalls: calls.map((callId) => ({ callId, vendorCallId: callId, name: 'host__disk_usage', argumentsText: '{}' })),
  stopReason: 'stop',
  usage: { inputTokens, outputTokens: 5, thinkingTokens: 0, cachedInputTokens: 0 },
  startedAt: AT,
  durationMs: 10,
});
const failedTurn = (number: number, errorCode: string, partialText: string): NewEntry => ({
  type: 'turn-failed',
  turn: number,
  interactionType: 'iteration',
  iteration: number,
  provider: 'test',
  model: 'test-1',
  errorCode,
  errorMessage: `it was ${errorCode}`,
  partialText,
  startedAt: AT,
  durationMs: 10,
});
const ORIGINAL = { provider: 'first', backend: 'langchain', model: 'm-1' } as const;
const switched = (attempt: number, provider: string): NewEntry => ({
  type: 'model-switched',
  attempt,
  original: ORIGINAL,
  from: ORIGINAL,
  to: { provider, type: 'openai', backend: 'google-native', model: `model-of-${provider}`, nativeTools: {} },
  position: attempt - 1,
  reason: `failed ${attempt} times`,
  errorCode: 'MAX_RETRIES',
  nativeToolsDropped: [],
  skippedIncompatible: [],
});

const toolRequested = (callId: string): NewEntry => ({
  type: 'tool-requested',
  callId,
  server: 'host',
  tool: 'disk_usage',
  toolType: 'mcp',
  arguments: { path: '/' },
});
const concluded = (result: string): NewEntry => ({
  type: 'concluded',
  status: 'completed',
  result,
  forcedConclusion: false,
  iterationsUsed: 2,
  maxIterations: 20,
});
const resultOf = (place: Place, callId: string, content: string): ToolCallCompleted => ({
  ...place,
  callId,
  server: 'host',
  tool: 'disk_usage',
  outcome: 'ok',
  isError: false,
  content,
  durationMs: 5,
  completedAt: '2026-03-04T05:06:09.000Z',
});

/** A journal as a worker would write it, one second between entries. */
function journalOf(place: Place, entries: readonly NewEntry[]): JournalEntry[] {
  return entries.map((entry, index) => ({
    ...place,
    entry: index + 1,
    at: new Date(Date.parse(AT) + index * 1_000).toISOString(),
    ...entry,
  })) as JournalEntry[];
}

async function write(place: Place, ...entries: readonly NewEntry[]): Promise<void> {
  const journal = await new JournalStore(runner.messaging).open(place.sessionId, place.executionId);
  for (const entry of entries) await journal.append({ ...entry, stageId: place.stageId });
  journal.close();
}

const timelineOf = async (place: Place): Promise<[string, string, string][]> =>
  (await runner.reader.timeline(place.sessionId)).map((event) => [event.event_type, event.status, event.content ?? '']);

const TABLES = ['timeline_events', 'messages', 'llm_interactions', 'mcp_interactions'];
const everything = async (): Promise<unknown[]> =>
  Promise.all(TABLES.map((table) => runner.database.query(`SELECT * FROM ${table} ORDER BY id`)));

const COSTS = {
  enabled: true,
  promotions: [],
  modelRates: { 'test-1': { inputPerMillion: 1_000, outputPerMillion: 2_000 } },
};

describe('the recorder', () => {
  it('stores the same rows in whatever order, batches and numbers messages come, from two replicas at once', async () => {
    const log = [somewhere(), somewhere()].flatMap((place) => [
      ...journalOf(place, [
        { type: 'claimed', workerId: 'worker-1', wakeCount: 0 },
        turn(1, 'let me look', ['1-1', '1-2']),
        toolRequested('1-1'),
        toolRequested('1-2'),
        failedTurn(2, 'STALLED', 'half an ans'),
        { type: 'message-added', reason: 'retry', content: 'go on' },
        turn(3, 'the disk is full'),
        concluded('the disk is full'),
      ]),
      resultOf(place, '1-1', '97 %'),
      resultOf(place, '1-2', '98 %'),
    ]);
    const records = new RecordsRepository(runner.database, { list: new PriceList(COSTS) } as ModelPrices);
    await records.store(log);
    const expected = await everything();
    expect(expected.map((rows) => (rows as unknown[]).length)).toEqual([18, 10, 6, 4]);
    const random = randomFrom(20_260_304);
    for (let round = 0; round < 20; round++) {
      await runner.database.query(`TRUNCATE ${TABLES.join(', ')}`);
      const batches = [...batchesOf(shuffled([...log, ...log], random), random)];
      const half = batches.length / 2;
      const recordAll = async (mine: LogMessage[][]): Promise<void> => {
        for (const batch of mine) await records.store(batch);
      };
      await Promise.all([recordAll(batches.slice(0, half)), recordAll(batches.slice(half))]);
      expect(await everything()).toEqual(expected);
    }
  });

  it('prices each model call when it is recorded, failed ones without', async () => {
    const place = somewhere();
    const records = new RecordsRepository(runner.database, { list: new PriceList(COSTS) } as ModelPrices);
    await records.store(journalOf(place, [turn(1, 'ok'), failedTurn(2, 'STALLED', '')]));
    const rows = await runner.database.query(
      'SELECT total_tokens, estimated_cost_usd FROM llm_interactions WHERE session_id = $1 ORDER BY sequence_number',
      [place.sessionId],
    );
    expect(rows).toEqual([
      { total_tokens: 15, estimated_cost_usd: 0.02 },
      { total_tokens: null, estimated_cost_usd: null },
    ]);
  });

  it('keeps what an execution began with when its model is changed, whatever order the changes come in', async () => {
    await runner.startRunner();
    const task = await runner.taskOf(await runner.submit());
    const records = new RecordsRepository(runner.database, { list: new PriceList(COSTS) } as ModelPrices);
    const [first, second] = journalOf(task, [switched(1, 'second'), switched(2, 'third')]);
    await records.store([second!]);
    await records.store([first!, second!]);
    const detail = await runner.reader.find(task.sessionId);
    expect(detail?.stages[0]?.executions?.[0]).toMatchObject({
      llm_provider: 'third',
      llm_backend: 'google-native',
      model_name: 'model-of-third',
      original_llm_provider: 'first',
      original_llm_backend: 'langchain',
      original_model_name: 'm-1',
      fallback_reason: 'failed 2 times',
      fallback_error_code: 'MAX_RETRIES',
      fallback_attempt: 2,
    });
    expect((await timelineOf(task)).filter(([type]) => type === 'provider_fallback')).toHaveLength(2);
  });

  it('keeps a change of model that is recorded while the end of its execution is stored', async () => {
    await runner.startRunner();
    const task = await runner.taskOf(await runner.submit());
    const rows = runner.database.getRepository(AgentExecution);
    const read = await rows.findOneByOrFail({ id: task.executionId });
    const records = new RecordsRepository(runner.database, { list: new PriceList(COSTS) } as ModelPrices);
    await records.store(journalOf(task, [switched(1, 'second')]));
    await rows.save({ ...read, status: 'completed' });
    expect(await rows.findOneByOrFail({ id: task.executionId })).toMatchObject({
      status: 'completed',
      llmProvider: 'second',
      originalLlmProvider: 'first',
      fallbackAttempt: 1,
    });
  });

  it('records executions that nobody has heard of, and shows them', async () => {
    await runner.startRunner();
    const place = somewhere();
    await write(place, turn(1, 'hello'));
    await eventually(async () => (await timelineOf(place)).length === 2);
    expect(await timelineOf(place)).toEqual([
      ['llm_thinking', 'completed', 'thoughts 1'],
      ['llm_response', 'completed', 'hello'],
    ]);
  });

  it('goes on behind entries that are no entries, and sets them aside', async () => {
    await runner.startRunner();
    const [before, bad, after] = [somewhere(), somewhere(), somewhere()];
    await write(before, turn(1, 'before'));
    for (const body of ['{"type":"turn"}', 'no json', '\xff', '{"type":"from-the-future","entry":1}'])
      await publishRaw(`tarsy.sessions.${bad.sessionId}.journal.${bad.executionId}`, body);
    await publishRaw(`tarsy.sessions.${bad.sessionId}.tools.${bad.executionId}.1-1`, '{}');
    await write(after, turn(1, 'after'));
    await eventually(async () => (await timelineOf(after)).length === 2);
    expect(await timelineOf(before)).toHaveLength(2);
    const letters = await eventually(async () => {
      const found = await deadLettersOf(bad);
      return found.length === 5 && found;
    });
    expect(new Set(letters.map(({ errorCode }) => errorCode))).toEqual(new Set(['INVALID_MESSAGE']));
  });

  it('goes on behind a value that no column can hold, and sets that message aside alone', async () => {
    await runner.startRunner();
    const [before, bad, after] = [somewhere(), somewhere(), somewhere()];
    await write(before, turn(1, 'before'));
    await write(bad, turn(1, 'countless', [], 3_000_000_000));
    await write(after, turn(1, 'after'));
    await eventually(async () => (await timelineOf(after)).length === 2);
    expect(await timelineOf(before)).toHaveLength(2);
    expect((await eventually(async () => (await deadLettersOf(bad)).at(0))).errorCode).toBe('UNRECORDABLE');
  });

  it('stores what models and tools write, whatever characters it has', async () => {
    await runner.startRunner();
    const place = somewhere();
    const text = String.raw`spelled \u0000 and \ud83d, ` + 'real \u0000 and half \ud83d';
    await write(place, turn(1, text, ['1-1']), {
      ...toolRequested('1-1'),
      arguments: { 'k\u0000': '\udc00' },
    } as NewEntry);
    // An error text is cut after 2,000 units, here in the middle of a pair.
    const failure = {
      ...resultOf(place, '1-1', `x${'😀'.repeat(1_500)}`),
      outcome: 'tool_error',
      isError: true,
    } as const;
    await runner.publisher.publishOnce(toolCallCompleted, failure);
    await eventually(async () =>
      (await timelineOf(place)).some(([type, status]) => type === 'llm_tool_call' && status === 'completed'),
    );
    expect((await timelineOf(place))[1]).toEqual([
      'llm_response',
      'completed',
      String.raw`spelled \u0000 and \ud83d, ` + 'real  and half \ufffd',
    ]);
    expect(await deadLettersOf(place)).toEqual([]);
  });

  it('keeps the part of an answer that was cut off when its execution was stopped', async () => {
    await runner.startRunner();
    const place = somewhere();
    const reason = 'cancelled by ann';
    await write(place, failedTurn(1, 'EXECUTION_STOPPED', 'the disk is'), {
      type: 'concluded',
      status: 'cancelled',
      errorMessage: reason,
      forcedConclusion: false,
      iterationsUsed: 1,
      maxIterations: 20,
    });
    await eventually(async () => (await timelineOf(place)).length >= 2);
    expect(await timelineOf(place)).toEqual([
      ['llm_response', 'cancelled', 'the disk is'],
      ['error', 'cancelled', reason],
    ]);
  });

  it('leaves nothing streaming once the execution has ended, in whatever order the two become known', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    await write(task, toolRequested('1-1'));
    await eventually(async () => (await timelineOf(task)).length === 1);
    expect((await timelineOf(task))[0]?.[1]).toBe('streaming');
    await runner.cancel(sessionId);
    await runner.report(runner.outcome(task, { status: 'cancelled', errorMessage: 'cancelled by ann' }));
    await runner.untilStatus(sessionId, 'cancelled');
    expect((await timelineOf(task))[0]?.[1]).toBe('cancelled');
    await write(task, toolRequested('1-2'));
    await eventually(async () => (await timelineOf(task)).length === 2);
    expect((await timelineOf(task))[1]?.[1]).toBe('cancelled');
  });
});

async function publishRaw(subject: string, body: string): Promise<void> {
  const { names, jetstream } = runner.messaging;
  await jetstream.publish(names.qualify(subject), body === '\xff' ? new Uint8Array([0xff]) : body);
}

async function deadLettersOf({ executionId }: Place): Promise<DeadLetter[]> {
  const letters = await new DeadLetters(runner.messaging).list({ limit: 100 });
  return letters.filter(({ subject }) => subject.includes(executionId));
}

/** The same numbers for the same seed, from 0 to 1: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((left, right) => left.order - right.order)
    .map(({ item }) => item);
}

function* batchesOf<Item>(items: readonly Item[], random: () => number): Generator<Item[]> {
  for (let start = 0; start < items.length;) {
    const size = 1 + Math.floor(random() * 8);
    yield items.slice(start, start + size);
    start += size;
  }
}
