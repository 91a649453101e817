import { AppError } from '@tarsy/core';

/** A producer sent something that is no alert; sending it again can not help. */
export class AlertRefusedError extends AppError {
  override readonly code = 'ALERT_REFUSED';
  override readonly retryable = false;

  /** @param status HTTP status: 400, or 413 for what is too large. */
  constructor(
    message: string,
    readonly status: 400 | 413 = 400,
  ) {
    super(message);
  }
}

export function invalidField(field: string, reason: string): AlertRefusedError {
  return new AlertRefusedError(`validation error on field '${field}': ${reason}`);
}
