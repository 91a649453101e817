import { ApiError } from '@google/genai';
import { CredentialsError, LanguageModelError } from '../../language-model.errors.js';
import { list, objectIn, record, textOf, type Fields } from '../untyped.js';
import { describeError, failureOf, retryAfterMs } from '../vendor-failure.js';

export interface ErrorContext {
  readonly provider: string;
  readonly hasStreamed: boolean;
  readonly nowMs: number;
  /** Of the response that failed; the SDK keeps none. */
  readonly headers: Headers | undefined;
}

/** Errors of the library that fetches Google's tokens; they have no class of their own. */
const NO_CREDENTIALS = /default credentials|invalid_grant|invalid_client|no such file.*credential|could not refresh/i;

/** What the SDK threw, as one of our errors. */
export function mapError(error: unknown, { provider, hasStreamed, nowMs, headers }: ErrorContext): LanguageModelError {
  if (error instanceof LanguageModelError) return error;
  const description = describeError(error);
  if (!(error instanceof ApiError)) {
    if (NO_CREDENTIALS.test(description))
      return new CredentialsError(`${provider}: no usable Google credentials: ${description}`, { cause: error });
    return failureOf({ provider, message: description, status: undefined, words: '', retryAfterMs: undefined, hasStreamed, cause: error }); // prettier-ignore
  }
  const answer = answerIn(error.message);
  return failureOf({
    provider,
    message: textOf(answer['message']) || description,
    status: error.status,
    words: error.message,
    retryAfterMs: retryAfterMs(headers, nowMs) ?? retryDelayMs(answer),
    hasStreamed,
    cause: error,
  });
}

/** The SDK's message is the answer's JSON, alone or after a few words. */
function answerIn(message: string): Fields {
  return record(objectIn(message.slice(Math.max(0, message.indexOf('{'))))?.['error']);
}

/** `retryDelay` of the details, such as `7s` or `0.5s`. */
function retryDelayMs(answer: Fields): number | undefined {
  const texts = list(answer['details']).map((detail) => textOf(record(detail)['retryDelay']));
  const seconds = texts.map((text) => /^(\d+(?:\.\d+)?)s$/.exec(text)?.[1]).find((text) => text !== undefined);
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1_000);
}
