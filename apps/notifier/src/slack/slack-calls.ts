import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type FetchFunction,
  type Logger as SlackLogger,
  LogLevel,
} from '@slack/web-api';
import { AppError, messageOf } from '@tarsy/core';
import { SlackRateLimitedError, SlackRefusedError, SlackUnavailableError } from './slack.errors.js';

/** Slack's words for trouble of its own; what was asked for may have happened. https://docs.slack.dev/reference/methods/chat.postMessage */
const OWN_TROUBLE = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);
const RATE_LIMITED = new Set(['ratelimited', 'rate_limited']);
const DEFAULT_PAUSE_MS = 30_000;

/** The SDK writes to the console by itself; what matters comes as an error. */
const SILENT: SlackLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

export interface CallOptions {
  /** Longest wait for one answer, in milliseconds. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Called at the last moment before bytes leave; throws to stop it. */
  readonly beforeSending?: () => void;
}

/** A client for one use. It tries nothing twice: JetStream does that. */
export function slackClient(
  token: string,
  apiUrl: string | undefined,
  { limitMs, signal, beforeSending }: CallOptions,
): WebClient {
  const send = async (url: string | URL, init?: Parameters<FetchFunction>[1]): Promise<Response> => {
    signal.throwIfAborted();
    beforeSending?.();
    const signals = init?.signal === undefined ? [signal] : [signal, init.signal];
    return await fetch(url, { ...init, signal: AbortSignal.any(signals) });
  };
  return new WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    allowAbsoluteUrls: false,
    timeout: limitMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    fetch: send as FetchFunction,
  });
}

/** Every failure of a call as one of three: come back later, refused, or unknown. */
export function slackErrorOf(error: unknown): Error {
  if (error instanceof AppError) return error;
  if (error instanceof WebAPIRequestError && error.original instanceof AppError) return error.original;
  if (error instanceof WebAPIRateLimitedError)
    return new SlackRateLimitedError('Slack asks to slow down', { retryAfterMs: error.retryAfter * 1_000 });
  if (error instanceof WebAPIPlatformError) {
    const reason = error.data.error;
    if (RATE_LIMITED.has(reason))
      return new SlackRateLimitedError('Slack asks to slow down', { retryAfterMs: DEFAULT_PAUSE_MS });
    return OWN_TROUBLE.has(reason) ? new SlackUnavailableError(`Slack says ${reason}`) : new SlackRefusedError(reason);
  }
  if (error instanceof WebAPIHTTPError && error.statusCode < 500)
    return new SlackRefusedError(`HTTP ${error.statusCode}`);
  if (error instanceof WebAPIHTTPError) return new SlackUnavailableError(`Slack answered HTTP ${error.statusCode}`);
  return new SlackUnavailableError(`Slack gave no answer: ${messageOf(deepest(error))}`, { cause: error });
}

/** `fetch failed` says little; what it was caused by says which connection failed and how. */
function deepest(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? deepest(error.cause) : error;
}
