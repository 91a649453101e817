import { APIConnectionError, APIError } from 'openai';
import { LanguageModelError } from '../../language-model.errors.js';
import { describeError, failureOf, retryAfterMs } from '../vendor-failure.js';

export interface ErrorContext {
  readonly provider: string;
  /** A part of the answer had arrived. */
  readonly hasStreamed: boolean;
  readonly nowMs: number;
}

/** What the SDK threw, as one of our errors. */
export function mapError(error: unknown, { provider, hasStreamed, nowMs }: ErrorContext): LanguageModelError {
  if (error instanceof LanguageModelError) return error;
  const answered = error instanceof APIError && !(error instanceof APIConnectionError) ? error : undefined;
  return failureOf({
    provider,
    message: describeError(error),
    status: answered?.status,
    words: answered === undefined ? '' : `${answered.code ?? ''} ${answered.type ?? ''} ${answered.message}`,
    retryAfterMs: retryAfterMs(answered?.headers, nowMs),
    hasStreamed,
    cause: error,
  });
}
