import type { AgentKind } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import type { NewEntry } from './execution-run.js';
import { replay } from './execution-state.js';
import {
  answered,
  claimed,
  failedTurn,
  journalOf,
  message,
  parked,
  prompted,
  requested,
  resultsOf,
  taskFixture,
  turn,
} from './journal.fixture.js';
import { nextStep } from './next-step.js';
import type { Step } from './step.js';

function after(
  entries: NewEntry[],
  { kind = 'investigation' as AgentKind, results = resultsOf(), forceConclusion = true } = {},
): Step {
  return nextStep(replay(journalOf(...entries), results), { ...taskFixture().agent, kind, forceConclusion });
}

const callOfIteration = (iteration: number): Step => ({
  kind: 'call-model',
  interactionType: 'iteration',
  iteration,
  offersTools: true,
});
const forcedCall = { kind: 'call-model', interactionType: 'forced_conclusion', offersTools: false };

describe('the iterating loop', () => {
  it('begins with the prompt, then calls the model', () => {
    expect(after([])).toEqual({ kind: 'prompt' });
    expect(after([claimed(), claimed()])).toEqual({ kind: 'prompt' });
    expect(after([claimed(), prompted(), claimed()])).toEqual(callOfIteration(1));
  });

  it('answers every call of a turn before it goes on', () => {
    const asked = [prompted(), turn({ calls: ['1-1', '1-2'] }), requested('1-1')];
    expect(after(asked)).toMatchObject({ kind: 'answer-calls', calls: [{ callId: '1-1' }, { callId: '1-2' }] });
    const results = resultsOf('1-1');
    expect(after(asked, { results })).toMatchObject({ kind: 'answer-calls', calls: [{ callId: '1-2' }] });
    expect(after([...asked, answered('1-2')], { results })).toEqual(callOfIteration(2));
  });

  it('ends with the text of a turn without calls', () => {
    expect(after([prompted(), turn({ text: 'the disk is full' })])).toEqual({
      kind: 'conclude',
      conclusion: { status: 'completed', result: 'the disk is full', forcedConclusion: false },
    });
  });

  it('asks for a conclusion without tools at the limit', () => {
    const looked = (callId: string): NewEntry[] => [turn({ calls: [callId] }), answered(callId)];
    const atLimit = [prompted(), ...looked('1-1'), ...looked('2-1'), ...looked('3-1')];
    expect(after(atLimit)).toMatchObject({ kind: 'add-message', reason: 'conclude' });
    expect(after([...atLimit, message('conclude')])).toMatchObject({ ...forcedCall, iteration: 3 });
    expect(after([...atLimit, message('conclude'), turn({ text: 'likely', isConcluding: true })])).toMatchObject({
      conclusion: { status: 'completed', result: 'likely', forcedConclusion: true },
    });
    expect(after([...atLimit, message('conclude'), failedTurn('PROVIDER_ERROR', '', true)])).toMatchObject({
      conclusion: { status: 'failed', errorCode: 'PROVIDER_ERROR' },
    });
    expect(
      replay(journalOf(...atLimit, message('conclude'), turn({ isConcluding: true })), resultsOf()).iterations,
    ).toBe(3);
  });

  it('lets go at the limit where a person decides, and begins to count again when it is woken', () => {
    const paused = { forceConclusion: false };
    const round = [turn({ calls: ['1-1'] }), answered('1-1')];
    const atLimit = [claimed(), prompted(), ...round, ...round, ...round];
    expect(after(atLimit, paused)).toEqual({ kind: 'park', reason: 'iteration-limit', mailboxSeen: 0 });
    expect(after(atLimit, { ...paused, kind: 'chat' })).toMatchObject({ reason: 'conclude' });
    expect(after([...atLimit, parked(0), claimed(0)], paused)).toEqual({
      kind: 'park',
      reason: 'iteration-limit',
      mailboxSeen: 0,
    });
    const woken = [...atLimit, parked(0), claimed(1)];
    expect(after(woken, paused)).toEqual(callOfIteration(1));
    expect(after([...woken, ...round, ...round, ...round], paused)).toEqual({
      kind: 'park',
      reason: 'iteration-limit',
      mailboxSeen: 0,
    });
    expect(replay(journalOf(...woken), resultsOf())).toMatchObject({ parked: undefined, turns: 3 });
  });

  it('asks again after a blank answer, twice', () => {
    const blank = turn({ text: ' \n' });
    const nudged = [prompted(), blank, message('nudge')];
    expect(after([prompted(), blank])).toMatchObject({ kind: 'add-message', reason: 'nudge' });
    expect(after(nudged)).toEqual(callOfIteration(2));
    const concluding = [prompted(), message('conclude'), blank, message('nudge'), blank];
    expect(after(concluding)).toMatchObject({ kind: 'add-message', reason: 'nudge' });
    expect(after([...concluding, message('nudge'), blank])).toMatchObject({
      conclusion: { errorCode: 'EMPTY_ANSWER' },
    });
  });

  it('tells the model what was wrong with the form of its answer, as often as it takes', () => {
    const odd = turn({ thinking: 'hm', formatFeedback: 'no action' });
    expect(after([prompted(), odd])).toEqual({ kind: 'add-message', reason: 'format', content: 'no action' });
    expect(after([prompted(), odd, message('format')])).toEqual(callOfIteration(2));
    expect(after([prompted(), odd, message('format'), odd, message('format'), odd])).toMatchObject({
      reason: 'conclude',
    });
  });

  it('goes on after a failure and tells the model what had arrived', () => {
    const partial = after([prompted(), failedTurn('PARTIAL_STREAM_ERROR', `${'x'.repeat(3_000)}the cause`)]);
    expect(partial).toMatchObject({ kind: 'add-message', reason: 'retry' });
    const { content } = partial as Step & { kind: 'add-message' };
    expect(content).toContain('it failed: PARTIAL_STREAM_ERROR');
    expect(content).toContain('the cause');
    expect(content.length).toBeLessThan(2_400);
    expect(after([prompted(), failedTurn('MAX_RETRIES'), message('retry')])).toEqual(callOfIteration(2));
  });

  it('fails after two timeouts in a row, not after two with an answer between', () => {
    const [stall, first] = [failedTurn('STALL_TIMEOUT'), failedTurn('INITIAL_RESPONSE_TIMEOUT')];
    expect(after([prompted(), stall, message('retry'), first])).toMatchObject({
      conclusion: { status: 'failed', errorCode: 'INITIAL_RESPONSE_TIMEOUT' },
    });
    const recovered = [prompted(), stall, message('retry'), turn({ calls: ['2-1'] }), answered('2-1'), stall];
    expect(after(recovered)).toMatchObject({ kind: 'add-message', reason: 'conclude' });
    expect(after([prompted(), stall])).toMatchObject({ kind: 'add-message', reason: 'retry' });
  });

  it.each(['CREDENTIALS', 'INVALID_BACKEND', 'CONTEXT_TOO_LONG'])('fails at once with %s', (code) => {
    expect(after([prompted(), failedTurn(code)])).toMatchObject({ conclusion: { status: 'failed', errorCode: code } });
  });

  it('fails when the request is refused twice in a row', () => {
    const refused = failedTurn('INVALID_REQUEST');
    expect(after([prompted(), refused])).toMatchObject({ kind: 'add-message' });
    expect(after([prompted(), refused, message('retry'), refused])).toMatchObject({
      conclusion: { errorCode: 'INVALID_REQUEST' },
    });
  });

  it('counts claims that led nowhere', () => {
    const claims = (...entries: NewEntry[]): number => replay(journalOf(...entries), resultsOf()).trailingClaims;
    expect(claims(claimed(), claimed(), prompted(), claimed())).toBe(1);
    expect(claims(prompted(), turn({ calls: ['1-1'] }), claimed(), claimed(), requested('1-1'))).toBe(0);
  });
});

describe('agents of one call', () => {
  it('call without tools and end with the text', () => {
    expect(after([prompted()], { kind: 'exec_summary' })).toEqual({
      kind: 'call-model',
      interactionType: 'executive_summary',
      iteration: 1,
      offersTools: false,
    });
    expect(after([prompted(), turn({ text: 'short' })], { kind: 'exec_summary' })).toMatchObject({
      conclusion: { status: 'completed', result: 'short' },
    });
  });

  it('take the thinking of a synthesis that has no text', () => {
    const entries = [prompted(), turn({ thinking: 'all in here' })];
    expect(after(entries, { kind: 'synthesis' })).toMatchObject({ conclusion: { result: 'all in here' } });
    expect(after(entries, { kind: 'exec_summary' })).toMatchObject({ reason: 'nudge' });
  });

  it('ask again twice after a blank answer and fail with the first error', () => {
    const [blank, nudge] = [turn(), message('nudge')];
    expect(after([prompted(), blank, nudge, blank], { kind: 'synthesis' })).toMatchObject({ reason: 'nudge' });
    expect(after([prompted(), blank, nudge, blank, nudge, blank], { kind: 'synthesis' })).toMatchObject({
      conclusion: { errorCode: 'EMPTY_ANSWER' },
    });
    expect(after([prompted(), failedTurn('MAX_RETRIES')], { kind: 'synthesis' })).toMatchObject({
      conclusion: { status: 'failed', errorCode: 'MAX_RETRIES' },
    });
  });
});
