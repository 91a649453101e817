import { AppError } from '@tarsy/core';
import type { TerminalStatus } from '@tarsy/contracts';

/** An execution was claimed again and again and nothing ever came of it. */
export class PoisonedExecutionError extends AppError {
  readonly code = 'POISONED';
  readonly retryable = false;
}

/** The reason of an execution's signal when it must end now: cancelled, or out of time. */
export class ExecutionStoppedError extends AppError {
  readonly code = 'EXECUTION_STOPPED';
  readonly retryable = false;

  constructor(
    readonly status: Extract<TerminalStatus, 'cancelled' | 'timed_out'>,
    message: string,
  ) {
    super(message);
  }
}

/** A model went on and on: more than any report needs. */
export class AnswerTooLongError extends AppError {
  readonly code = 'ANSWER_TOO_LONG';
  readonly retryable = true;
}

/** A model is caught in a loop and writes the same again and again. */
export class LoopDetectedError extends AppError {
  readonly code = 'LOOP_DETECTED';
  readonly retryable = true;
}

/** A model was asked for a summary and wrote nothing. */
export class EmptySummaryError extends AppError {
  readonly code = 'EMPTY_ANSWER';
  readonly retryable = true;
}
