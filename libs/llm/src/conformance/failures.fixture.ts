import { expect } from 'vitest';
import type { ConformanceCase, Trial } from './trial.fixture.js';

interface Failure {
  readonly status: number;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly means: Readonly<Record<string, unknown>>;
}

const FAILURES: Readonly<Record<string, Failure>> = {
  'HTTP 400: the request is not accepted': { status: 400, means: { code: 'INVALID_REQUEST', retryable: false } },
  'HTTP 400: the conversation is too long': {
    status: 400,
    body: { message: 'prompt is too long: input token count 300000 exceeds the context window' },
    means: { code: 'CONTEXT_TOO_LONG', retryable: false },
  },
  'HTTP 401: no such key': { status: 401, means: { code: 'CREDENTIALS', retryable: false } },
  'HTTP 403: the key may not': { status: 403, means: { code: 'CREDENTIALS', retryable: false } },
  'HTTP 404: no such model': { status: 404, means: { code: 'INVALID_REQUEST', retryable: false } },
  'HTTP 429 without a time': { status: 429, means: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: undefined } },
  'HTTP 429 with `Retry-After`': {
    status: 429,
    headers: { 'retry-after': '7' },
    means: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 7_000 },
  },
  'HTTP 500': { status: 500, means: { code: 'PROVIDER_ERROR', retryable: true } },
  'HTTP 503 with `Retry-After`': {
    status: 503,
    headers: { 'retry-after': '3' },
    means: { code: 'PROVIDER_ERROR', retryable: true, retryAfterMs: 3_000 },
  },
  'HTTP 529: overloaded': { status: 529, means: { code: 'PROVIDER_ERROR', retryable: true } },
};

/** How calls fail; each failure is one request, because only one layer repeats calls. */
export const FAILURE_CASES: readonly ConformanceCase[] = [
  ...Object.entries(FAILURES).map(([feature, { status, body, headers, means }]): ConformanceCase => ({
    feature,
    run: async (trial: Trial): Promise<void> => {
      const error = { status, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) };
      trial.play({ error }, { text: 'a second request' });
      const thrown: unknown = await trial.call().catch((caught: unknown) => caught);
      expect(thrown).toMatchObject(means);
      expect((thrown as Error).message).not.toContain('key-of-conformance');
      expect(trial.server.requests).toHaveLength(1);
    },
  })),
  {
    feature: 'an error within the stream, before anything was said',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ errorInStream: { message: 'we are overloaded' } }, { text: 'a second request' });
      await expect(trial.call()).rejects.toMatchObject({ code: 'PROVIDER_ERROR', message: expect.stringContaining('overloaded') }); // prettier-ignore
      expect(trial.server.requests).toHaveLength(1);
    },
  },
  {
    feature: 'an error in the middle of an answer',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'The cause is', errorInStream: { message: 'we are overloaded' } });
      await expect(trial.call()).rejects.toMatchObject({ code: 'PARTIAL_STREAM_ERROR', retryable: true });
    },
  },
  {
    feature: 'a connection that breaks before anything was said',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'x', breakAfterChunks: 0 }, { text: 'a second request' });
      await expect(trial.call()).rejects.toMatchObject({ code: 'PROVIDER_ERROR', retryable: true });
      expect(trial.server.requests).toHaveLength(1);
    },
  },
  {
    feature: 'a connection that breaks in the middle of an answer',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'one two three four', pieces: 4, breakAfterChunks: 3 }, { text: 'a second request' });
      await expect(trial.call()).rejects.toMatchObject({ code: 'PARTIAL_STREAM_ERROR', retryable: true });
      expect(trial.server.requests).toHaveLength(1);
    },
  },
  {
    feature: 'a stream that ends without an end',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'The cause is', finishReason: null });
      await expect(trial.call()).rejects.toMatchObject({ code: 'PARTIAL_STREAM_ERROR' });
    },
  },
];
