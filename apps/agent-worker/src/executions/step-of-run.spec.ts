import type { BudgetPart, MailboxMessage, TaskScheduled, ToolServerSelection } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import type { NewEntry } from './execution-run.js';
import { replay } from './execution-state.js';
import { usageOf, usedUpOf } from './execution-usage.js';
import { conversationOf } from './conversation.js';
import { answered, claimed, failedTurn, journalOf, message, prompted, requested, taskFixture, turn } from './journal.fixture.js'; // prettier-ignore
import { stepOfRun } from './step-of-run.js';
import type { Step } from './step.js';

const CHILD = '01890000-0000-7000-8000-00000000000c';
const PLACE = { sessionId: taskFixture().sessionId, executionId: taskFixture().executionId };
const AT = '2026-03-04T05:06:07.000Z';
const result: MailboxMessage = { type: 'sub-agent-result', ...PLACE, childExecutionId: CHILD, agentName: 'Logs', status: 'completed', result: 'errors', at: AT }; // prettier-ignore
const guidance: MailboxMessage = { type: 'guidance', ...PLACE, guidanceId: CHILD, from: 'person', author: 'ann', content: 'look at db', at: AT }; // prettier-ignore
const dispatched = (): NewEntry => ({ type: 'agent-dispatched', callId: '1-1', childExecutionId: CHILD, agentName: 'Logs', task: 'read logs' }); // prettier-ignore
const parked = (wakeCount = 0): NewEntry => ({ type: 'parked', wakeCount, reason: 'sub-agents', mailboxSeen: 0 });
const received = (mailId: string, childExecutionId?: string): NewEntry => ({
  type: 'mail-received',
  mailId,
  kind: childExecutionId === undefined ? 'guidance' : 'sub-agent-result',
  content: 'mail',
  text: 'mail',
  ...(childExecutionId === undefined ? {} : { childExecutionId }),
});

interface Situation {
  readonly mailbox?: readonly MailboxMessage[];
  readonly results?: Readonly<Record<string, string>>;
  readonly servers?: readonly ToolServerSelection[];
  readonly contextWindowTokens?: number;
  readonly usedUp?: BudgetPart;
}

function after(entries: readonly NewEntry[], situation: Situation = {}): Step {
  const { mailbox = [], servers = [], contextWindowTokens } = situation;
  const journal = journalOf(...entries);
  const results = resultsOf(situation);
  const task = taskFixture();
  const model = { ...task.model, ...(contextWindowTokens === undefined ? {} : { contextWindowTokens }) };
  const summaries = { entries: journal, results, toolServers: servers, model };
  return stepOfRun({ task, state: replay(journal, results), mailbox, summaries, usedUp: situation.usedUp });
}
const resultsOf = ({ results = {} }: Situation): Map<string, { content: string; isError: boolean }> =>
  new Map(Object.entries(results).map(([callId, content]) => [callId, { content, isError: false }]));

const dispatching = [prompted(), turn({ calls: ['1-1'] }), dispatched(), answered('1-1')];
const waiting = [...dispatching, turn({ text: 'I wait.', turn: 2 })];

describe('an agent that has used up its budget', () => {
  const usedUp = 'tokens';
  const round = [turn({ calls: ['1-1'] }), answered('1-1')];

  it('concludes with what it has, without tools', () => {
    const asked = { kind: 'add-message', reason: 'conclude', usedUp };
    expect(after([prompted()], { usedUp })).toMatchObject(asked);
    expect(after([prompted(), ...round], { usedUp })).toMatchObject(asked);
    expect(after([prompted(), turn()], { usedUp })).toMatchObject(asked);
    expect(after([prompted(), ...round, { ...message('conclude'), usedUp } as NewEntry], { usedUp })).toMatchObject({
      kind: 'call-model',
      interactionType: 'forced_conclusion',
      offersTools: false,
    });
  });

  it('does not lose the answers of tools that run, nor an answer that was given', () => {
    expect(after([prompted(), turn({ calls: ['1-1'] })], { usedUp })).toMatchObject({ kind: 'answer-calls' });
    expect(after([prompted(), turn({ text: 'found it' })], { usedUp })).toMatchObject({
      conclusion: { status: 'completed', result: 'found it', forcedConclusion: false },
    });
  });
});

describe(usedUpOf.name, () => {
  const task = (budget: TaskScheduled['budget']): TaskScheduled => taskFixture({ budget });
  const usage = { tokens: 100, toolCalls: 3, costUsd: 0 };

  it('names the part that has nothing left', () => {
    expect(usedUpOf(task(undefined), usage, 0)).toBeUndefined();
    expect(usedUpOf(task({ tokens: 101, toolCalls: 4 }), usage, 0)).toBeUndefined();
    expect(usedUpOf(task({ tokens: 100 }), usage, 0)).toBe('tokens');
    expect(usedUpOf(task({ toolCalls: 3 }), usage, 0)).toBe('tool_calls');
    expect(usedUpOf(task({ concludeAt: AT }), usage, Date.parse(AT))).toBe('wall_time');
    expect(usedUpOf(task({ concludeAt: AT }), usage, Date.parse(AT) - 1)).toBeUndefined();
  });

  it('reads what was used from the journal', () => {
    const spent = { ...turn({ calls: ['1-1'] }), usage: { inputTokens: 70, outputTokens: 30, thinkingTokens: 10, cachedInputTokens: 0 } } as NewEntry; // prettier-ignore
    const journal = journalOf(prompted(), spent, requested('1-1'), spent);
    expect(usageOf(journal)).toEqual({ tokens: 200, toolCalls: 1, costUsd: 0 });
    const dollars = usageOf(journal, { m: { inputPerMillion: 1_000, outputPerMillion: 10_000 } });
    expect(dollars.costUsd).toBeCloseTo(2 * (0.07 + 0.3));
    expect(usedUpOf(task({ costUsd: 0.75 }), dollars, 0)).toBeUndefined();
    expect(usedUpOf(task({ costUsd: 0.7 }), dollars, 0)).toBe('cost');
  });
});

describe('an agent with sub-agents', () => {
  it('waits for them when it has nothing to do, at no cost', () => {
    expect(after(dispatching)).toMatchObject({ kind: 'call-model', iteration: 2 });
    expect(after(waiting, { mailbox: [] })).toEqual({ kind: 'park', reason: 'sub-agents', mailboxSeen: 0 });
    const woken = [...waiting, parked(), claimed()];
    expect(after(woken, { mailbox: [result] })).toEqual({ kind: 'read-mail', messages: [result] });
    expect(after([...woken, received(`result:${CHILD}`, CHILD)], { mailbox: [result] })).toMatchObject({
      kind: 'call-model',
      iteration: 2,
    });
    expect(after([...woken, parked(1), claimed(), parked(2)])).toMatchObject({ kind: 'park' });
    expect(replay(journalOf(...woken, parked(1), claimed(), parked(2)), new Map()).iterations).toBe(1);
  });

  it('waits instead of being asked again after a blank answer', () => {
    expect(after([...dispatching, turn({ text: ' ', turn: 2 })])).toMatchObject({ kind: 'park' });
  });

  it('reads what has come before it waits or ends', () => {
    expect(after(waiting, { mailbox: [result] })).toMatchObject({ kind: 'read-mail' });
    const reported = [...waiting, received(`result:${CHILD}`, CHILD), turn({ text: 'the end', turn: 3 })];
    expect(after(reported, { mailbox: [result] })).toMatchObject({ kind: 'conclude' });
    expect(after(reported, { mailbox: [result, guidance] })).toMatchObject({ kind: 'read-mail', messages: [guidance] });
  });

  it('does not wait at its limit, and not when it failed', () => {
    const looking = [turn({ calls: ['2-1'], turn: 2 }), answered('2-1'), turn({ calls: ['3-1'], turn: 3 }), answered('3-1')]; // prettier-ignore
    const atLimit = [...dispatching, ...looking];
    expect(after(atLimit)).toMatchObject({ kind: 'add-message', reason: 'conclude' });
    const concluded = [...atLimit, message('conclude'), turn({ text: 'so far', isConcluding: true })];
    expect(after(concluded)).toMatchObject({ kind: 'conclude', conclusion: { forcedConclusion: true } });
    expect(after([...dispatching, failedTurn('CREDENTIALS')])).toMatchObject({ conclusion: { status: 'failed' } });
  });
});

describe('guidance', () => {
  it('is read before the next call, not between a call and its result', () => {
    const mailbox = [guidance];
    expect(after([prompted()], { mailbox })).toEqual({ kind: 'read-mail', messages: [guidance] });
    expect(after([prompted(), turn({ calls: ['1-1'] })], { mailbox })).toMatchObject({ kind: 'answer-calls' });
    const looked = [prompted(), turn({ calls: ['1-1'] }), answered('1-1')];
    expect(after(looked, { mailbox })).toMatchObject({ kind: 'read-mail' });
    expect(after([...looked, received(`guidance:${CHILD}`)], { mailbox })).toMatchObject({ kind: 'call-model' });
    expect(after([prompted(), turn({ text: 'the end' })], { mailbox })).toMatchObject({ kind: 'read-mail' });
  });

  it('does not lift the limit of iterations', () => {
    const last = [prompted(), turn({ text: 'a' }), turn({ text: 'b', turn: 2 }), turn({ text: 'the end', turn: 3 })];
    expect(after([...last, received('guidance:x')])).toMatchObject({ kind: 'add-message', reason: 'conclude' });
  });
});

describe('long tool results', () => {
  const summarization = { thresholdTokens: 100, targetTokens: 50 };
  const servers = [{ id: 'host', instructions: '', summarization }];
  const looked = [prompted(), turn({ calls: ['1-1', '1-2'] }), requested('1-1'), requested('1-2')];
  const results = { '1-1': 'x'.repeat(404), '1-2': 'x'.repeat(400) };
  const summary = (callId: string, content?: string, reason: 'size' | 'context' = 'size'): NewEntry => ({
    type: 'result-summarized',
    callId,
    reason,
    server: 'host',
    tool: 'cpu',
    originalTokens: 101,
    ...(content === undefined ? {} : { content }),
  });

  it('are summarised once before the model reads them', () => {
    expect(after(looked, { results, servers })).toMatchObject({
      kind: 'summarize',
      requests: [{ callId: '1-1', server: 'host', reason: 'size', targetTokens: 50 }],
    });
    expect(after([...looked, summary('1-1', 'short')], { results, servers })).toMatchObject({ kind: 'call-model' });
    expect(after([...looked, summary('1-1')], { results, servers })).toMatchObject({ kind: 'call-model' });
  });

  it('stay whole where the server is not to be summarised', () => {
    expect(after(looked, { results })).toMatchObject({ kind: 'call-model' });
  });

  it('make room, the oldest first, when the conversation comes near the window', () => {
    const more = [...looked, turn({ calls: ['2-1'], turn: 2 }), requested('2-1')];
    const long = { '1-1': 'a'.repeat(4_000), '1-2': 'b'.repeat(4_000), '2-1': 'c'.repeat(4_000) };
    expect(after(more, { results: long, contextWindowTokens: 5_000 })).toMatchObject({ kind: 'call-model' });
    const step = after(more, { results: long, contextWindowTokens: 3_900 });
    expect(step).toMatchObject({ kind: 'summarize', requests: [{ callId: '1-1' }, { callId: '1-2' }] });
    const shorter = [...more, summary('1-1', 'first', 'context'), summary('1-2', 'second', 'context')];
    expect(after(shorter, { results: long, contextWindowTokens: 3_900 })).toMatchObject({ kind: 'call-model' });
    const tools = conversationOf(journalOf(...shorter), resultsOf({ results: long })).filter(({ role }) => role === 'tool'); // prettier-ignore
    expect(tools).toMatchObject([{ content: 'first' }, { content: 'second' }, { content: 'c'.repeat(4_000) }]);
  });

  it('make room when the model refuses the conversation as too long, and it is asked again', () => {
    const refused = [...looked, failedTurn('CONTEXT_TOO_LONG')];
    const long = { '1-1': 'a'.repeat(4_000), '1-2': 'b'.repeat(4_000) };
    expect(after(refused, { results: long })).toMatchObject({ kind: 'summarize', requests: [{ callId: '1-1' }, { callId: '1-2' }] }); // prettier-ignore
    const shorter = [...refused, summary('1-1', 'first', 'context'), summary('1-2', 'second', 'context')];
    expect(after(shorter, { results: long })).toMatchObject({ kind: 'call-model' });
    expect(after([...shorter, failedTurn('CONTEXT_TOO_LONG')], { results: long })).toMatchObject({
      conclusion: { status: 'failed', errorCode: 'CONTEXT_TOO_LONG' },
    });
  });
});
