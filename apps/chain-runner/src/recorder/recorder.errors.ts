import { AppError } from '@tarsy/core';

/** PostgreSQL will never take this row; setting the message aside is better than to stop recording. */
export class UnrecordableError extends AppError {
  override readonly code = 'UNRECORDABLE';
  override readonly retryable = false;
}
