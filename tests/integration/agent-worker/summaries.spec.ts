import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JournalEntryOf } from '@tarsy/contracts';
import { mentions } from '@tarsy/testing';
import { useWorkers } from './fixture.js';

const fixture = useWorkers();
const cpu = { name: 'host__cpu', arguments: {} };

/** A text that says where it comes from, so that scripts and assertions can tell results apart. */
const longResult = (marker: string, characters = 4_000): string => `${marker} `.repeat(Math.ceil(characters / (marker.length + 1))); // prettier-ignore

describe('a long tool result', () => {
  const summarization = { thresholdTokens: 200, targetTokens: 50 };

  it('is replaced by a summary of the same model, in the journal and in every conversation', async () => {
    const [first] = [await fixture.startWorker('w1')];
    const marker = randomUUID();
    fixture.model.script({
      name: marker,
      matches: (body) => mentions(marker)(body) && mentions('RESULT_TO_CONDENSE_START')(body),
      turns: [{ text: 'CPU was busy.', usage: { inputTokens: 900, outputTokens: 7 } }],
    });
    fixture.brokerAnswers(() => ({ content: longResult(marker) }));
    const gate = Promise.withResolvers<void>();
    const task = fixture.task([{ toolCalls: [cpu] }, { text: 'late', beforeAnswer: gate.promise }, { text: 'Busy.' }], {
      toolServers: [{ id: 'host', instructions: '', summarization }],
    });
    await fixture.schedule(task);
    const second = await fixture.model.request(task.executionId, 2);
    await first.stop();
    await fixture.startWorker('w2');
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'Busy.' });
    gate.resolve();
    expect(fixture.model.requestsOf(marker)).toHaveLength(1);
    expect(fixture.model.requestsOf(marker)[0]!.body.tools).toBeUndefined();
    const third = fixture.model.requestsOf(task.executionId)[2]!;
    expect(third.body.messages).toEqual(second.body.messages);
    expect(third.body.messages.at(-1)!.content).toMatch(/\n\[Summary of a tool result of about 10\d\d tokens\..*\]\nCPU was busy\.\n/); // prettier-ignore
    const journal = await fixture.journalOf(task);
    expect(journal.find(({ type }) => type === 'result-summarized')).toMatchObject({
      callId: '1-1',
      reason: 'size',
      server: 'host',
      call: { provider: 'scripted', isFallback: false, usage: { inputTokens: 900, outputTokens: 7 } },
    });
  });

  it('is summarised by the model of its server, by the agent’s own once that one has failed, and left alone without any', async () => {
    await fixture.startWorker('w1');
    const marker = randomUUID();
    const isSummary = (model: string) => (body: Parameters<ReturnType<typeof mentions>>[0]) =>
      body.model === model && mentions(marker)(body) && mentions('RESULT_TO_CONDENSE_START')(body);
    fixture.model.script({ name: `${marker}-named`, matches: isSummary('small'), turns: [{ error: { status: 401 } }] });
    fixture.model.script({
      name: `${marker}-own`,
      matches: isSummary('scripted-1'),
      turns: [{ text: 'First.' }, { error: { status: 401 } }],
    });
    fixture.brokerAnswers(() => ({ content: longResult(marker) }));
    const task = fixture.task([{ toolCalls: [cpu] }, { toolCalls: [cpu] }, { text: 'Done.' }]);
    const model = { ...task.model, provider: 'small', model: 'small' };
    const toolServers = [{ id: 'host', instructions: '', summarization: { ...summarization, model } }];
    await fixture.schedule({ ...task, toolServers });
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed' });
    expect(fixture.model.requestsOf(`${marker}-named`)).toHaveLength(1);
    const entries = (await fixture.journalOf(task)).filter(({ type }) => type === 'result-summarized');
    expect(entries).toMatchObject([
      { content: expect.stringContaining('First.'), call: { model: 'scripted-1', isFallback: true } },
      { call: { model: 'scripted-1', isFallback: true, errorCode: 'CREDENTIALS' } },
    ]);
    expect((entries[1] as JournalEntryOf<'result-summarized'>).content).toBeUndefined();
    const [, , third] = fixture.model.requestsOf(task.executionId);
    expect(third!.body.messages.at(-1)!.content).toContain(longResult(marker));
  });
});

describe('a conversation that comes near the window', () => {
  it('loses its oldest results to summaries, and to excerpts where no summary can be had', async () => {
    await fixture.startWorker('w1');
    const marker = randomUUID();
    fixture.model.script({
      name: marker,
      matches: (body) => mentions(`first-${marker}`)(body) && mentions('RESULT_TO_CONDENSE_START')(body),
      turns: [{ text: 'The first said little.' }],
    });
    fixture.model.script({
      name: `${marker}-fails`,
      matches: (body) => mentions(`second-${marker}`)(body) && mentions('RESULT_TO_CONDENSE_START')(body),
      turns: [{ error: { status: 401 } }],
    });
    const names = ['first', 'second', 'third'];
    fixture.brokerAnswers(({ callId }) => ({
      content: longResult(`${names[Number(callId[0]) - 1]}-${marker}`, 20_000),
    }));
    const task = fixture.task([{ toolCalls: [cpu] }, { toolCalls: [cpu] }, { toolCalls: [cpu] }, { text: 'Done.' }]);
    await fixture.schedule({ ...task, model: { ...task.model, contextWindowTokens: 16_000 } });
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed' });
    const last = fixture.model.requestsOf(task.executionId).at(-1)!;
    const results = last.body.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
    expect(results[0]).toContain('The first said little.');
    expect(results[1]).toMatch(/\n\[Beginning and end of a tool result/);
    expect(results[2]).toContain(longResult(`third-${marker}`, 20_000));
    const entries = (await fixture.journalOf(task)).filter((entry) => entry.type === 'result-summarized');
    // They are made at the same time.
    expect(entries.map(({ callId, reason }) => `${callId} ${reason}`).sort()).toEqual(['1-1 context', '2-1 context']);
  });

  it('keeps every signature of the thinking between shortened results, as the vendor wants them', async () => {
    await fixture.startWorker('w1');
    const marker = randomUUID();
    fixture.model.script({
      name: marker,
      matches: (body) => mentions(marker)(body) && mentions('RESULT_TO_CONDENSE_START')(body),
      turns: () => ({ text: 'It said little.' }),
    });
    fixture.brokerAnswers(() => ({ content: longResult(marker, 20_000) }));
    const signatures = ['Zmlyc3Q=', 'c2Vjb25k', 'dGhpcmQ='];
    const looks = signatures.map((signature) => ({
      thinking: 'hm',
      signature,
      text: 'I look.',
      toolCalls: [cpu, cpu],
    }));
    const task = fixture.task([...looks, { text: 'Done.' }]);
    // Its rules about thinking are the strictest.
    const claude = { provider: 'claude', type: 'anthropic' as const, model: 'claude-haiku-4-5', baseUrl: fixture.model.origin }; // prettier-ignore
    await fixture.schedule({ ...task, model: { ...task.model, ...claude, contextWindowTokens: 24_000 } });
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'Done.', iterationsUsed: 4 });
    const { messages, thinking } = fixture.model.requestsOf(task.executionId).at(-1)!.body as unknown as {
      readonly messages: readonly { readonly role: string; readonly content: readonly Record<string, unknown>[] }[];
      readonly thinking: unknown;
    };
    expect(thinking).toMatchObject({ type: 'enabled' });
    const answers = messages.filter(({ role }) => role === 'assistant').map(({ content }) => content);
    expect(answers.map((content) => content[0])).toEqual(signatures.map((signature) => ({ type: 'thinking', thinking: 'hm', signature }))); // prettier-ignore
    const results = messages.flatMap(({ content }) => content).filter(({ type }) => type === 'tool_result');
    const shortened = results.map(({ content }) => String(content).includes('It said little.'));
    expect(shortened).toEqual([true, true, true, true, false, false]);
  });

  it('is made shorter when the model refuses it, and the investigation goes on', async () => {
    await fixture.startWorker('w1');
    const marker = randomUUID();
    fixture.model.script({
      name: marker,
      matches: (body) => mentions(marker)(body) && mentions('RESULT_TO_CONDENSE_START')(body),
      turns: [{ text: 'It said little.' }],
    });
    fixture.brokerAnswers(() => ({ content: longResult(marker) }));
    const tooLong = { status: 400, body: { code: 'context_length_exceeded', message: 'too long' } };
    const task = fixture.task([{ toolCalls: [cpu] }, { error: tooLong }, { text: 'Done.' }]);
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'Done.' });
    const last = fixture.model.requestsOf(task.executionId).at(-1)!;
    expect(last.body.messages.at(-1)!.content).toContain('It said little.');
  });
});
