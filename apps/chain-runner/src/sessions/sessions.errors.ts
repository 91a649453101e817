import { AppError } from '@tarsy/core';

/** A message is about a session whose alert may still be on its way. */
export class SessionNotThereYetError extends AppError {
  override readonly code = 'SESSION_NOT_THERE_YET';
  override readonly retryable = true;
}
