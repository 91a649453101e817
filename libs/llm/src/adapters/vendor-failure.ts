import {
  ContentRefusedError,
  ContextTooLongError,
  CredentialsError,
  InvalidRequestError,
  PartialStreamError,
  ProviderError,
  RateLimitedError,
  type LanguageModelError,
} from '../language-model.errors.js';
import { messageOf } from '@tarsy/core';

/** What a vendor's answer says about a failure, read from whatever its SDK throws. */
export interface VendorFailure {
  readonly provider: string;
  readonly message: string;
  /** HTTP status, or the one that an error within the stream stands for; undefined where nothing was answered. */
  readonly status: number | undefined;
  /** The vendor's words that name the cause: codes, types, messages. */
  readonly words: string;
  readonly retryAfterMs: number | undefined;
  /** A part of the answer had arrived. */
  readonly hasStreamed: boolean;
  readonly cause: unknown;
}

const CONTEXT_TOO_LONG =
  /context[_ ](length|window|size)|maximum context|too many tokens|prompt is too long|input is too long|(input|prompt) token count|exceeds the maximum number of tokens/i;
const REFUSED = /content[_ ](policy|filter|management)|invalid_prompt|bio_policy|policy_violation/i;
const NO_MONEY = /insufficient_quota|credit balance|billing/i;
const WRONG_KEY = /api[_ ]key not valid|api_key_invalid|invalid api key|incorrect api key/i;

/** The one place where a failure gets its meaning, whichever vendor it comes from. */
export function failureOf(failure: VendorFailure): LanguageModelError {
  const { provider, status, words, retryAfterMs, hasStreamed, cause } = failure;
  const message = `${provider}: ${failure.message}`;
  const options = { cause };
  const delayed = { ...options, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (hasStreamed) return new PartialStreamError(message, options);
  // The vendor's text may quote a part of the key.
  if (status === 401 || status === 403) return new CredentialsError(`${provider} refused the key (HTTP ${status})`);
  if (status === 400 && WRONG_KEY.test(words)) return new CredentialsError(`${provider} refused the key (HTTP 400)`);
  if (status === 402 || (isOfClient(status) && NO_MONEY.test(words)))
    return new CredentialsError(`${provider}: the account has no quota left`);
  if (status === 429) return new RateLimitedError(message, delayed);
  if (status === 408 || status === 409 || (status ?? 0) >= 500) return new ProviderError(message, delayed);
  if (status === 413 || CONTEXT_TOO_LONG.test(words)) return new ContextTooLongError(message, options);
  if (REFUSED.test(words)) return new ContentRefusedError(message, options);
  return status === undefined ? new ProviderError(message, options) : new InvalidRequestError(message, options);
}

const isOfClient = (status: number | undefined): boolean => status === undefined || status < 500;

/** How an answer that has no end failed. */
export function endedEarly(hasContent: boolean): LanguageModelError {
  return hasContent
    ? new PartialStreamError('the answer ended in the middle')
    : new ProviderError('the connection ended without an answer');
}

/** From `Retry-After-Ms`, or `Retry-After` in seconds or as a date; milliseconds. */
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

/** Errors of connections say little; their causes say what happened. */
export function describeError(error: unknown): string {
  const causes: string[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 4; cause = cause.cause)
    causes.push(cause.message || ('code' in cause ? String(cause.code) : cause.name));
  return causes.length === 0 ? messageOf(error) : [...new Set(causes)].join(': ');
}
