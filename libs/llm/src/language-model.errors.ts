import { AppError } from '@tarsy/core';

/** Base of what a model call can fail with; `retryable` says whether the same call may succeed later. */
export abstract class LanguageModelError extends AppError {}

/** No key, or the vendor refuses it. */
export class CredentialsError extends LanguageModelError {
  readonly code = 'CREDENTIALS';
  readonly retryable = false;
}

/** Too many requests; `retryAfterMs` is what the vendor asked for, where it did. */
export class RateLimitedError extends LanguageModelError {
  readonly code = 'RATE_LIMITED';
  readonly retryable = true;
}

/** The vendor is out of order or out of reach: HTTP 5xx, a refused or broken connection before anything was streamed. */
export class ProviderError extends LanguageModelError {
  readonly code = 'PROVIDER_ERROR';
  readonly retryable = true;
}

/** The vendor does not accept the request: unknown model, malformed tool schema, HTTP 4xx in general. */
export class InvalidRequestError extends LanguageModelError {
  readonly code = 'INVALID_REQUEST';
  readonly retryable = false;
}

/** The conversation has more tokens than the model can read. */
export class ContextTooLongError extends LanguageModelError {
  readonly code = 'CONTEXT_TOO_LONG';
  readonly retryable = false;
}

/** The vendor's policy keeps the model from answering. */
export class ContentRefusedError extends LanguageModelError {
  readonly code = 'CONTENT_REFUSED';
  readonly retryable = false;
}

/** Why a provider can not be called: a limit that was set for it, one that it names itself, or too many failures in a row. */
export type BusyReason = 'own-limit' | 'vendor-limit' | 'circuit-open';

/** The provider can not be called for longer than anybody should wait for it. `retryAfterMs` is always there. */
export class ProviderBusyError extends LanguageModelError {
  readonly code = 'PROVIDER_BUSY';
  readonly retryable = true;

  constructor(
    provider: string,
    readonly reason: BusyReason,
    override readonly retryAfterMs: number,
    options?: { cause?: unknown },
  ) {
    super(`${provider} can not be called for another ${Math.ceil(retryAfterMs / 1_000)} s (${reason})`, options);
  }
}

/** A retryable failure came back on every try. */
export class RetriesExhaustedError extends LanguageModelError {
  readonly code = 'MAX_RETRIES';
  readonly retryable = false;
}

/** Nothing arrived within the limit for the first token. */
export class FirstTokenTimeoutError extends LanguageModelError {
  readonly code = 'INITIAL_RESPONSE_TIMEOUT';
  readonly retryable = true;
}

/** The answer stopped to grow in the middle. */
export class StallTimeoutError extends LanguageModelError {
  readonly code = 'STALL_TIMEOUT';
  readonly retryable = true;
}

/** The whole call took longer than its limit. */
export class CallTimeoutError extends LanguageModelError {
  readonly code = 'CALL_TIMEOUT';
  readonly retryable = true;
}

/** The connection broke, or the vendor reported an error, after a part of the answer had arrived. */
export class PartialStreamError extends LanguageModelError {
  readonly code = 'PARTIAL_STREAM_ERROR';
  readonly retryable = true;
}

/** No adapter serves this type of provider yet. */
export class ProviderNotSupportedError extends LanguageModelError {
  readonly code = 'INVALID_BACKEND';
  readonly retryable = false;
}

/** Whether a failure was a limit of time; two in a row end an execution. */
export function isTimeout(error: unknown): boolean {
  return (
    error instanceof FirstTokenTimeoutError || error instanceof StallTimeoutError || error instanceof CallTimeoutError
  );
}
