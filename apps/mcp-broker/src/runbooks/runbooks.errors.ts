import { AppError } from '@tarsy/core';

/** The runbooks of the repository can not be listed now. */
export class RunbookListingError extends AppError {
  readonly code = 'RUNBOOKS_NOT_LISTED';
  readonly retryable = true;
}
