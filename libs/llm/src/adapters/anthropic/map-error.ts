import { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import { LanguageModelError } from '../../language-model.errors.js';
import { describeError, failureOf, retryAfterMs } from '../vendor-failure.js';

/** HTTP status that the API gives errors of these types; within a stream they come without one. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** What the SDK threw, as one of our errors. */
export function mapError(
  error: unknown,
  { provider, hasStreamed, nowMs }: { provider: string; hasStreamed: boolean; nowMs: number },
): LanguageModelError {
  if (error instanceof LanguageModelError) return error;
  const answered = error instanceof APIError && !(error instanceof APIConnectionError) ? error : undefined;
  return failureOf({
    provider,
    message: answered?.apiMessage ?? describeError(error),
    status: answered?.status ?? STATUS_OF_TYPE[answered?.type ?? ''],
    words: answered === undefined ? '' : `${answered.type ?? ''} ${answered.message}`,
    retryAfterMs: retryAfterMs(answered?.headers, nowMs),
    hasStreamed,
    cause: error,
  });
}
