import { AppError } from '@tarsy/core';

/** Slack did not answer, or not with a result. What was asked for may or may not have happened. */
export class SlackUnavailableError extends AppError {
  readonly code = 'SLACK_UNAVAILABLE';
  readonly retryable = true;
}

/** Too many requests; Slack did nothing and says when to come back. */
export class SlackRateLimitedError extends AppError {
  readonly code = 'SLACK_RATE_LIMITED';
  readonly retryable = true;
}

/** Slack did nothing and says why: a bad token, no such channel, a missing permission. An operator may put it right. */
export class SlackRefusedError extends AppError {
  readonly code = 'SLACK_REFUSED';
  readonly retryable = true;

  /** @param reason Slack's own word for it, such as `invalid_auth`. */
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`Slack refused: ${reason}`, options);
  }
}

/** The handler was held up so long that another process may be at the same message; this one must not send it. */
export class SendingTooLateError extends AppError {
  readonly code = 'SLACK_SENDING_TOO_LATE';
  readonly retryable = true;
}

/** Not now: something else has to be over first. */
export class NotYetError extends AppError {
  readonly code = 'NOT_YET';
  readonly retryable = true;
}

/** Tried until trying again had no point; goes to the dead letters. */
export class NotificationGivenUpError extends AppError {
  readonly code = 'NOTIFICATION_GIVEN_UP';
  readonly retryable = false;
}
