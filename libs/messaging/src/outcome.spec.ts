import { AppError } from '@tarsy/core';
import { describe, expect, it } from 'vitest';
import { DeliveryLostError, ExecutionLostError } from './messaging.errors.js';
import { outcomeOf } from './outcome.js';

class BusyError extends AppError {
  readonly code = 'BUSY';
  readonly retryable = true;
}
class BrokenError extends AppError {
  readonly code = 'BROKEN';
  readonly retryable = false;
}

describe(outcomeOf.name, () => {
  it('retries an error of ours that says so, with a delay that grows with the attempt', () => {
    expect(outcomeOf(new BusyError('busy'), 1)).toEqual({ kind: 'retry', delayMs: 2_000 });
    expect(outcomeOf(new BusyError('busy'), 2)).toEqual({ kind: 'retry', delayMs: 4_000 });
    expect(outcomeOf(new BusyError('busy'), 40)).toEqual({ kind: 'retry', delayMs: 60_000 });
  });

  it('waits as long as the error asks for', () => {
    expect(outcomeOf(new BusyError('busy', { retryAfterMs: 250 }), 3)).toEqual({ kind: 'retry', delayMs: 250 });
  });

  it('rejects an error that repeating can not help, at the first attempt', () => {
    expect(outcomeOf(new BrokenError('no such chain'), 1)).toEqual({
      kind: 'reject',
      code: 'BROKEN',
      reason: 'no such chain',
    });
  });

  it('retries what is no error of ours', () => {
    expect(outcomeOf(new TypeError('bug'), 1).kind).toBe('retry');
    expect(outcomeOf('thrown text', 1).kind).toBe('retry');
  });

  it('says nothing for an execution or a delivery that went to somebody else, even on the last attempt', () => {
    expect(outcomeOf(new ExecutionLostError('elsewhere'), 5, 5)).toEqual({ kind: 'lost' });
    expect(outcomeOf(new DeliveryLostError('elsewhere'), 1)).toEqual({ kind: 'lost' });
  });

  it('rejects on the last attempt with the code of the error', () => {
    expect(outcomeOf(new BusyError('busy'), 4, 5).kind).toBe('retry');
    expect(outcomeOf(new BusyError('busy'), 5, 5)).toEqual({ kind: 'reject', code: 'BUSY', reason: 'busy' });
    expect(outcomeOf(new TypeError('bug'), 6, 5)).toEqual({ kind: 'reject', code: 'INTERNAL', reason: 'bug' });
  });
});
