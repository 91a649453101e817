import { describe, expect, it } from 'vitest';
import { aggregate, finalAnalysisOf, nextStep, nextStepWhenStopped, type StageOfSession } from './stage-decisions.js';

const execution = (status: 'completed' | 'failed' | 'timed_out' | 'cancelled', agentName = 'A') => ({
  agentName,
  status,
  errorMessage: status === 'completed' ? null : `${status} it is`,
});
const stage = (over: Partial<StageOfSession> = {}): StageOfSession => ({
  stageType: 'investigation',
  status: 'completed',
  errorMessage: null,
  result: 'found it',
  ...over,
});

describe(aggregate.name, () => {
  it('gives a single execution its own status and error', () => {
    expect(aggregate([execution('timed_out')], 'any')).toEqual({
      status: 'timed_out',
      errorMessage: 'timed_out it is',
    });
    expect(aggregate([execution('completed')], 'all').status).toBe('completed');
  });

  it('is content with one success under the policy any, and with nothing less than all under all', () => {
    const mixed = [execution('completed', 'A'), execution('failed', 'B')];
    expect(aggregate(mixed, 'any').status).toBe('completed');
    expect(aggregate(mixed, 'all')).toEqual({ status: 'failed', errorMessage: 'B: failed it is' });
  });

  it('is timed out or cancelled only if every failure is', () => {
    expect(aggregate([execution('timed_out'), execution('timed_out')], 'any').status).toBe('timed_out');
    expect(aggregate([execution('timed_out'), execution('cancelled')], 'any').status).toBe('failed');
  });
});

describe(nextStep.name, () => {
  it('starts with the first stage and goes on in the order of the chain', () => {
    expect(nextStep([], 2)).toEqual({ kind: 'stage', planIndex: 0 });
    expect(nextStep([stage()], 2)).toEqual({ kind: 'stage', planIndex: 1 });
  });

  it('waits while the last stage is active', () => {
    expect(nextStep([stage({ status: 'active' })], 2)).toEqual({ kind: 'wait' });
  });

  it('summarises the last result that says something', () => {
    expect(nextStep([stage({ result: 'first' }), stage({ result: ' ' })], 2)).toEqual({
      kind: 'executive-summary',
      finalAnalysis: 'first',
    });
  });

  it('ends without a summary when no stage found anything', () => {
    expect(nextStep([stage({ result: null })], 1)).toEqual({ kind: 'end', status: 'completed' });
  });

  it('ends with the status of a stage that did not complete', () => {
    expect(nextStep([stage(), stage({ status: 'failed', errorMessage: 'broken' })], 3)).toEqual({
      kind: 'end',
      status: 'failed',
      errorMessage: 'broken',
    });
  });

  it('completes although the summary failed, but not although it was cancelled', () => {
    expect(nextStep([stage(), stage({ stageType: 'exec_summary', status: 'failed' })], 1)).toEqual({
      kind: 'end',
      status: 'completed',
    });
    expect(nextStep([stage(), stage({ stageType: 'exec_summary', status: 'cancelled' })], 1)).toMatchObject({
      kind: 'end',
      status: 'cancelled',
    });
  });
});

describe(nextStepWhenStopped.name, () => {
  const stop = { status: 'cancelled', reason: 'cancelled by ann' } as const;
  const cancelled = { kind: 'end', status: 'cancelled', errorMessage: 'cancelled by ann' };

  it('waits for a stage that is active, and begins none', () => {
    expect(nextStepWhenStopped([stage({ status: 'active' })], 2, stop)).toEqual({ kind: 'wait' });
    expect(nextStepWhenStopped([stage()], 2, stop)).toEqual(cancelled);
    expect(nextStepWhenStopped([stage()], 1, stop)).toEqual(cancelled);
  });

  it('is the reason when a stage failed', () => {
    expect(nextStepWhenStopped([stage({ status: 'failed', errorMessage: 'broken' })], 2, stop)).toEqual(cancelled);
    expect(nextStepWhenStopped([stage(), stage({ stageType: 'exec_summary', status: 'failed' })], 1, stop)).toEqual(
      cancelled,
    );
  });

  it('comes too late when the last stage is complete', () => {
    expect(nextStepWhenStopped([stage(), stage({ stageType: 'exec_summary' })], 1, stop)).toEqual({
      kind: 'end',
      status: 'completed',
    });
    expect(nextStepWhenStopped([stage({ result: null })], 1, stop)).toEqual({ kind: 'end', status: 'completed' });
  });
});

describe(finalAnalysisOf.name, () => {
  it('keeps what completed stages found although a later one failed', () => {
    expect(finalAnalysisOf([stage({ result: 'kept' }), stage({ status: 'failed', result: null })])).toBe('kept');
  });
});
