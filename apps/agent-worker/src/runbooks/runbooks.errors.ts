import { AppError } from '@tarsy/core';

/** A runbook is not to be had; the execution goes on with the default one. */
export class RunbookUnavailableError extends AppError {
  readonly code = 'RUNBOOK_UNAVAILABLE';
  readonly retryable = true;
}
