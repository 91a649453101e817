import type { ModelReference, TaskScheduled } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import type { NewEntry } from './execution-run.js';
import { replay, type ExecutionState } from './execution-state.js';
import { journalOf, message, prompted, taskFixture, turn } from './journal.fixture.js';
import { modelInUse } from './model-fallback.js';
import { stepOfRun } from './step-of-run.js';
import type { Step } from './step.js';

const other = (provider: string, changes: Partial<ModelReference> = {}): ModelReference => ({
  ...taskFixture().model,
  provider,
  model: `model-of-${provider}`,
  ...changes,
});
const LIST = [other('second'), other('third')];
const AT = '2026-03-04T05:06:07.000Z';

const failedWith = (errorCode: string, isConcluding = false): NewEntry => ({
  type: 'turn-failed',
  turn: 1,
  iteration: 1,
  interactionType: isConcluding ? 'forced_conclusion' : 'iteration',
  provider: 'p',
  model: 'm',
  errorCode,
  errorMessage: 'it broke',
  isRetryable: true,
  partialText: '',
  startedAt: AT,
  durationMs: 1,
});

function after(entries: readonly NewEntry[], changes: Partial<TaskScheduled> = {}): Step {
  const task = { ...taskFixture(), fallbackModels: LIST, ...changes };
  return stepOfRun({
    task,
    state: stateOf(entries),
    mailbox: [],
    summaries: { entries: journalOf(...entries), results: new Map(), toolServers: [], model: task.model },
  });
}
const stateOf = (entries: readonly NewEntry[]): ExecutionState => replay(journalOf(...entries), new Map());

/** Fails, and does what the loop says, until another model is chosen; the number of failures that it took. */
function failuresUntilSwitch(errorCode: string, changes: Partial<TaskScheduled> = {}): number | undefined {
  const entries: NewEntry[] = [prompted()];
  for (let failures = 1; failures <= 4; failures++) {
    entries.push(failedWith(errorCode));
    const step = after(entries, changes);
    if (step.kind === 'switch-model') return failures;
    if (step.kind !== 'add-message') return undefined;
    entries.push(message(step.reason));
  }
  return undefined;
}

const switchedTo = (to: ModelReference, position: number, attempt = position + 1): NewEntry => {
  const { provider, backend, model } = taskFixture().model;
  const name = { provider, backend, model };
  return { type: 'model-switched', attempt, original: name, from: name, to, position, reason: 'it broke', errorCode: 'MAX_RETRIES', nativeToolsDropped: [], skippedIncompatible: [] }; // prettier-ignore
};

describe('fallback to another model', () => {
  it.each([
    ['MAX_RETRIES', 1],
    ['CREDENTIALS', 1],
    ['INVALID_BACKEND', 1],
    ['PROVIDER_ERROR', 2],
    ['INVALID_REQUEST', 2],
    ['INITIAL_RESPONSE_TIMEOUT', 2],
    ['SOMETHING_UNKNOWN', 2],
    ['PARTIAL_STREAM_ERROR', 2],
    ['STALL_TIMEOUT', 2],
    ['LOOP_DETECTED', undefined],
  ])('happens after %s as often as that takes', (code, failures) => {
    expect(failuresUntilSwitch(code)).toBe(failures);
  });

  it('happens at once for an agent that makes a single call', () => {
    const agent = { ...taskFixture().agent, kind: 'exec_summary' as const };
    expect(failuresUntilSwitch('PROVIDER_ERROR', { agent })).toBe(1);
    expect(failuresUntilSwitch('STALL_TIMEOUT', { agent })).toBe(1);
  });

  it('counts each kind of failure for itself, and from nothing after a success', () => {
    const failing = [prompted(), failedWith('PROVIDER_ERROR'), message('retry'), failedWith('STALL_TIMEOUT')];
    expect(after(failing)).toMatchObject({ kind: 'add-message' });
    expect(after([...failing, message('retry'), failedWith('STALL_TIMEOUT')])).toMatchObject({ kind: 'switch-model' });
    const recovered = [prompted(), failedWith('PROVIDER_ERROR'), message('retry'), turn({ text: '', turn: 2 }), message('nudge')]; // prettier-ignore
    expect(after([...recovered, failedWith('PROVIDER_ERROR')])).toMatchObject({ kind: 'add-message' });
  });

  it('says what failed, what takes over, and why', () => {
    const google = { backend: 'google-native' as const, nativeTools: { google_search: true, code_execution: false } };
    const model = { ...taskFixture().model, ...google };
    expect(after([prompted(), failedWith('MAX_RETRIES')], { model })).toEqual({
      kind: 'switch-model',
      change: {
        attempt: 1,
        original: { provider: model.provider, backend: 'google-native', model: model.model },
        from: { provider: model.provider, backend: 'google-native', model: model.model },
        to: LIST[0],
        position: 0,
        reason: 'it broke',
        errorCode: 'MAX_RETRIES',
        errorIsRetryable: true,
        nativeToolsDropped: ['google_search'],
        skippedIncompatible: [],
      },
    });
  });

  it('goes through the list in order, and past the provider in use', () => {
    const { provider } = taskFixture().model;
    const fallbackModels = [other(provider), ...LIST];
    const once = [prompted(), failedWith('MAX_RETRIES'), switchedTo(LIST[0]!, 1, 1)];
    expect(after([prompted(), failedWith('MAX_RETRIES')], { fallbackModels })).toMatchObject({ change: { position: 1 } }); // prettier-ignore
    expect(after(once, { fallbackModels })).toMatchObject({ kind: 'call-model' });
    expect(after([...once, failedWith('CREDENTIALS')], { fallbackModels })).toMatchObject({
      change: { position: 2, attempt: 2, from: { provider: 'second' }, to: { provider: 'third' } },
    });
    expect(modelInUse(taskFixture(), stateOf(once)).provider).toBe('second');
  });

  it('passes over models without the tools that the agent needs', () => {
    const agent = { ...taskFixture().agent, needsNativeTools: true };
    const fallbackModels = [other('second'), other('third', { backend: 'google-native' })];
    expect(after([prompted(), failedWith('MAX_RETRIES')], { agent, fallbackModels })).toMatchObject({
      change: { to: { provider: 'third' }, skippedIncompatible: ['second'] },
    });
    expect(after([prompted(), failedWith('CREDENTIALS')], { agent })).toMatchObject({ kind: 'conclude' });
  });

  it('is the usual handling of errors once the list is at its end', () => {
    const atEnd = [prompted(), switchedTo(LIST[1]!, 1, 2), failedWith('CREDENTIALS')];
    expect(after(atEnd)).toMatchObject({ conclusion: { status: 'failed', errorCode: 'CREDENTIALS' } });
    expect(after([prompted(), failedWith('CREDENTIALS')], { fallbackModels: [] })).toMatchObject({ kind: 'conclude' });
  });

  it('gives back the iterations that the failed model took, and forgets its failures', () => {
    const entries = [prompted(), failedWith('PROVIDER_ERROR'), message('retry'), failedWith('PROVIDER_ERROR')];
    expect(stateOf(entries).iterations).toBe(2);
    const state = stateOf([...entries, switchedTo(LIST[0]!, 0)]);
    expect(state).toMatchObject({ iterations: 0, failuresInRow: 0, timeoutsInRow: 0, turns: 2 });
    expect(after([...entries, switchedTo(LIST[0]!, 0)])).toMatchObject({ kind: 'call-model', iteration: 1 });
  });

  it.each([true, false])(
    'happens at the limit of iterations after failures of different kinds (forced: %s)',
    (forceConclusion) => {
      const agent = { ...taskFixture().agent, maxIterations: 2, forceConclusion };
      const entries = [prompted(), failedWith('PROVIDER_ERROR'), message('retry'), failedWith('STALL_TIMEOUT')];
      expect(after(entries, { agent })).toMatchObject({ kind: 'switch-model', change: { errorCode: 'STALL_TIMEOUT' } });
      const step = after([...entries, switchedTo(LIST[0]!, 0)], { agent });
      expect(step).toMatchObject({ kind: 'call-model', iteration: 1, offersTools: true });
    },
  );

  it('counts from nothing after a person has let the execution go on', () => {
    const parked: NewEntry = { type: 'parked', reason: 'iteration-limit', wakeCount: 0, mailboxSeen: 0 };
    const resumed: NewEntry = { type: 'claimed', workerId: 'w', wakeCount: 1 };
    const entries = [prompted(), failedWith('PROVIDER_ERROR'), parked, resumed];
    expect(stateOf(entries)).toMatchObject({ failuresInRow: 0, failuresByKind: { provider: 0 } });
    expect(after([...entries, message('retry'), failedWith('PROVIDER_ERROR')])).toMatchObject({ kind: 'add-message' });
  });

  it('also saves a forced conclusion', () => {
    const concluding = [prompted(), message('conclude'), failedWith('PROVIDER_ERROR', true)];
    expect(after(concluding)).toMatchObject({ kind: 'switch-model' });
    expect(after([...concluding, switchedTo(LIST[0]!, 0)])).toMatchObject({ interactionType: 'forced_conclusion', offersTools: false }); // prettier-ignore
  });
});
