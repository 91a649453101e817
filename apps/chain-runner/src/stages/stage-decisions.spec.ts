import { describe, expect, it } from 'vitest';
import {
  aggregate,
  chainContextOf,
  finalAnalysisOf,
  nextStep,
  nextStepWhenStopped,
  type StageOfSession,
} from './stage-decisions.js';

const execution = (status: 'completed' | 'failed' | 'timed_out' | 'cancelled', agentName = 'A') => ({
  agentName,
  status,
  errorMessage: status === 'completed' ? null : `${status} it is`,
});
const single = { synthesis: null };
const parallel = { synthesis: { name: 'SynthesisAgent' } };
const stage = (over: Partial<StageOfSession> = {}): StageOfSession => ({
  stageType: 'investigation',
  planIndex: 0,
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
    expect(nextStep([], [single, single])).toEqual({ kind: 'stage', planIndex: 0 });
    expect(nextStep([stage()], [single, single])).toEqual({ kind: 'stage', planIndex: 1 });
  });

  it('waits while the last stage is active', () => {
    expect(nextStep([stage({ status: 'active' })], [single, single])).toEqual({ kind: 'wait' });
  });

  it('summarises the last result that says something', () => {
    expect(nextStep([stage({ result: 'first' }), stage({ planIndex: 1, result: ' ' })], [single, single])).toEqual({
      kind: 'executive-summary',
      finalAnalysis: 'first',
    });
  });

  it('merges the results of parallel agents before the next stage, and of the last one before the summary', () => {
    const synthesis = stage({ stageType: 'synthesis', result: 'merged' });
    expect(nextStep([stage()], [parallel, single])).toEqual({ kind: 'synthesis', planIndex: 0 });
    expect(nextStep([stage(), synthesis], [parallel, single])).toEqual({ kind: 'stage', planIndex: 1 });
    expect(nextStep([stage(), synthesis], [parallel])).toEqual({ kind: 'executive-summary', finalAnalysis: 'merged' });
  });

  it('ends with the status of a synthesis that did not complete', () => {
    const synthesis = stage({ stageType: 'synthesis', status: 'failed', errorMessage: 'no model', result: null });
    expect(nextStep([stage(), synthesis], [parallel, single])).toEqual({
      kind: 'end',
      status: 'failed',
      errorMessage: 'no model',
    });
  });

  it('ends without a summary when no stage found anything', () => {
    expect(nextStep([stage({ result: null })], [single])).toEqual({ kind: 'end', status: 'completed' });
  });

  it('ends with the status of a stage that did not complete', () => {
    expect(nextStep([stage(), stage({ status: 'failed', errorMessage: 'broken' })], [single, single, single])).toEqual({
      kind: 'end',
      status: 'failed',
      errorMessage: 'broken',
    });
  });

  it('completes although the summary failed, but not although it was cancelled', () => {
    expect(nextStep([stage(), stage({ stageType: 'exec_summary', status: 'failed' })], [single])).toEqual({
      kind: 'end',
      status: 'completed',
    });
    expect(nextStep([stage(), stage({ stageType: 'exec_summary', status: 'cancelled' })], [single])).toMatchObject({
      kind: 'end',
      status: 'cancelled',
    });
  });
});

describe(nextStepWhenStopped.name, () => {
  const stop = { status: 'cancelled', reason: 'cancelled by ann' } as const;
  const cancelled = { kind: 'end', status: 'cancelled', errorMessage: 'cancelled by ann' };

  it('waits for a stage that is active, and begins none', () => {
    expect(nextStepWhenStopped([stage({ status: 'active' })], [single, single], stop)).toEqual({ kind: 'wait' });
    expect(nextStepWhenStopped([stage()], [single, single], stop)).toEqual(cancelled);
    expect(nextStepWhenStopped([stage()], [single], stop)).toEqual(cancelled);
  });

  it('is the reason when a stage failed', () => {
    expect(nextStepWhenStopped([stage({ status: 'failed', errorMessage: 'broken' })], [single, single], stop)).toEqual(
      cancelled,
    );
    expect(
      nextStepWhenStopped([stage(), stage({ stageType: 'exec_summary', status: 'failed' })], [single], stop),
    ).toEqual(cancelled);
  });

  it('comes too late when the last stage is complete', () => {
    expect(nextStepWhenStopped([stage(), stage({ stageType: 'exec_summary' })], [single], stop)).toEqual({
      kind: 'end',
      status: 'completed',
    });
    expect(nextStepWhenStopped([stage({ result: null })], [single], stop)).toEqual({
      kind: 'end',
      status: 'completed',
    });
  });
});

describe(finalAnalysisOf.name, () => {
  it('keeps what completed stages found although a later one failed', () => {
    expect(finalAnalysisOf([stage({ result: 'kept' }), stage({ status: 'failed', result: null })])).toBe('kept');
  });
});

describe(chainContextOf.name, () => {
  it('lets a synthesis stand for the stage that it merged', () => {
    const stages = [
      stage({ result: 'first' }),
      stage({ planIndex: 1, result: 'parallel' }),
      stage({ planIndex: 1, stageType: 'synthesis', result: 'merged' }),
      stage({ planIndex: 2, result: null }),
      stage({ planIndex: 3, status: 'active', result: null }),
    ];
    expect(chainContextOf(stages).map(({ result }) => result)).toEqual(['first', 'merged', null]);
  });

  it('keeps the parallel results where the synthesis failed', () => {
    const stages = [stage({ result: 'parallel' }), stage({ stageType: 'synthesis', status: 'failed', result: null })];
    expect(chainContextOf(stages).map(({ result }) => result)).toEqual(['parallel']);
    expect(finalAnalysisOf(stages)).toBe('parallel');
  });
});
