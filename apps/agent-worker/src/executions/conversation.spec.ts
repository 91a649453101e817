import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversationOf } from './conversation.js';
import type { NewEntry } from './execution-run.js';
import { replay } from './execution-state.js';
import {
  answered,
  claimed,
  failedTurn,
  journalOf,
  message,
  prompted,
  requested,
  resultsOf,
  turn,
} from './journal.fixture.js';
import { nextStep } from './next-step.js';
import { taskFixture } from './journal.fixture.js';

describe(conversationOf.name, () => {
  it('holds prompt, answers, tool results in the order of the calls, and added messages', () => {
    const entries = journalOf(
      claimed(),
      prompted(),
      turn({ text: 'I look', thinking: 'hm', calls: ['1-1', '1-2'] }),
      requested('1-1'),
      answered('1-2'),
      claimed(),
      failedTurn('PROVIDER_ERROR'),
      message('retry'),
      turn({ text: 'found' }),
    );
    expect(conversationOf(entries, resultsOf('1-1'))).toEqual([
      { role: 'system', content: 'rules' },
      { role: 'user', content: 'alert' },
      { role: 'assistant', text: 'I look', thinking: 'hm', toolCalls: [callShape('1-1'), callShape('1-2')] },
      { role: 'tool', ...idsOf('1-1'), content: 'result of 1-1', isError: false },
      { role: 'tool', ...idsOf('1-2'), content: 'no answer to 1-2', isError: true },
      { role: 'user', content: 'please retry' },
      { role: 'assistant', text: 'found', toolCalls: [] },
    ]);
  });

  it('keeps what the worker said about a call, whatever arrives later', () => {
    const entries = journalOf(prompted(), turn({ calls: ['1-1'] }), requested('1-1'), answered('1-1'));
    expect(conversationOf(entries, resultsOf('1-1')).at(-1)).toMatchObject({ content: 'no answer to 1-1' });
  });

  it('tells of any prefix of a journal what the whole journal tells of that part', () => {
    fc.assert(
      fc.property(journals, fc.nat(), ({ entries, results }, cut) => {
        const prefix = entries.slice(0, cut % (entries.length + 1));
        const whole = conversationOf(entries, results);
        const part = conversationOf(prefix, results);
        expect(whole.slice(0, part.length)).toEqual(part);
        // The same entries again, as another worker reads them from the wire.
        const reread = JSON.parse(JSON.stringify(prefix)) as typeof prefix;
        expect(conversationOf(reread, new Map(results))).toEqual(part);
        const agent = taskFixture().agent;
        expect(nextStep(replay(reread, results), agent)).toEqual(nextStep(replay(prefix, results), agent));
      }),
    );
  });

  it('gives the same whatever results of other calls are known', () => {
    fc.assert(
      fc.property(journals, ({ entries, results }) => {
        const more = new Map([...results, ...resultsOf('99-1', '99-2')]);
        expect(conversationOf(entries, more)).toEqual(conversationOf(entries, results));
      }),
    );
  });
});

const idsOf = (callId: string): object => ({ callId, vendorCallId: `vendor-${callId}`, name: 'host__cpu' });
const callShape = (callId: string): object => ({ ...idsOf(callId), argumentsText: '{}' });

/** Journals as the loop writes them: turns with calls that are all answered, failures, added messages, and claims anywhere. */
const journals = fc
  .array(
    fc.oneof(
      fc.record({
        kind: fc.constant('turn' as const),
        text: fc.string(),
        calls: fc.array(fc.boolean(), { maxLength: 4 }),
      }),
      fc.record({ kind: fc.constant('failure' as const), partial: fc.string() }),
      fc.record({ kind: fc.constant('message' as const), reason: fc.constantFrom('nudge', 'retry', 'conclude') }),
      fc.record({ kind: fc.constant('claim' as const) }),
    ),
    { maxLength: 12 },
  )
  .map((steps) => {
    const entries: NewEntry[] = [claimed(), prompted()];
    const withResult: string[] = [];
    for (const [index, step] of steps.entries()) {
      if (step.kind === 'claim') entries.push(claimed());
      if (step.kind === 'message') entries.push(message(step.reason));
      if (step.kind === 'failure') entries.push(failedTurn('STALL_TIMEOUT', step.partial), message('retry'));
      if (step.kind !== 'turn') continue;
      const calls = step.calls.map((_byTool, position) => `${index}-${position}`);
      entries.push(turn({ text: step.text, calls }));
      step.calls.forEach((byTool, position) => {
        const callId = calls[position]!;
        entries.push(byTool ? requested(callId) : answered(callId));
        if (byTool) withResult.push(callId);
      });
    }
    return { entries: journalOf(...entries), results: resultsOf(...withResult) };
  });
