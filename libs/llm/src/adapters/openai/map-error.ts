import { messageOf } from '@tarsy/core';
import { APIConnectionError, APIError } from 'openai';
import {
  ContentRefusedError,
  ContextTooLongError,
  CredentialsError,
  InvalidRequestError,
  LanguageModelError,
  PartialStreamError,
  ProviderError,
  RateLimitedError,
} from '../../language-model.errors.js';

export interface ErrorContext {
  readonly provider: string;
  /** A part of the answer had arrived. */
  readonly hasStreamed: boolean;
  readonly nowMs: number;
}

const CONTEXT_TOO_LONG =
  /context[_ ](length|window|size)|maximum context|too many tokens|prompt is too long|input is too long/i;
const REFUSED = /content[_ ](policy|filter|management)/i;

/** What the SDK threw, as one of our errors. */
export function mapError(error: unknown, context: ErrorContext): LanguageModelError {
  if (error instanceof LanguageModelError) return error;
  const { provider, hasStreamed } = context;
  const message = `${provider}: ${describe(error)}`;
  const options = { cause: error };
  if (hasStreamed) return new PartialStreamError(message, options);
  if (!(error instanceof APIError) || error instanceof APIConnectionError) return new ProviderError(message, options);
  return ofAnswer(error, message, context) ?? new InvalidRequestError(message, options);
}

function ofAnswer(error: APIError, message: string, { provider, nowMs }: ErrorContext): LanguageModelError | undefined {
  const { status } = error;
  const words = `${error.code ?? ''} ${error.type ?? ''} ${error.message}`;
  const options = { cause: error };
  const delay = retryAfterMs(error.headers, nowMs);
  const delayed = { ...options, ...(delay === undefined ? {} : { retryAfterMs: delay }) };
  // The vendor's text may quote a part of the key.
  if (status === 401 || status === 403) return new CredentialsError(`${provider} refused the key (HTTP ${status})`);
  if (error.code === 'insufficient_quota') return new CredentialsError(`${provider}: the account has no quota left`);
  if (status === 429) return new RateLimitedError(message, delayed);
  if (CONTEXT_TOO_LONG.test(words)) return new ContextTooLongError(message, options);
  if (REFUSED.test(words)) return new ContentRefusedError(message, options);
  if (status === undefined || status === 408 || status === 409 || status >= 500)
    return new ProviderError(message, delayed);
  return undefined;
}

/** From `Retry-After-Ms`, or `Retry-After` in seconds or as a date. */
export function retryAfterMs(headers: Headers | undefined, nowMs: number): number | undefined {
  const milliseconds = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const text = headers?.get('retry-after');
  if (text === null || text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return seconds * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** The SDK's connection errors say little; their cause says what happened. */
function describe(error: unknown): string {
  const causes: string[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 4; cause = cause.cause)
    causes.push(cause.message || ('code' in cause ? String(cause.code) : cause.name));
  return causes.length === 0 ? messageOf(error) : [...new Set(causes)].join(': ');
}
