import { createServer } from 'node:net';
import { expect } from 'vitest';
import { TimeLimitedLanguageModel, type TimeLimits } from '../decorators/time-limited-language-model.js';
import { NEVER, requestOf, type ConformanceCase, type Trial } from './trial.fixture.js';

/** Far longer than any test; one of them is shortened. */
const GENEROUS: TimeLimits = { firstTokenTimeoutMs: 60_000, stallTimeoutMs: 60_000, llmCallTimeoutMs: 60_000 };

/** Limits of time, aborts, and what becomes of the connection. */
export const CONNECTION_CASES: readonly ConformanceCase[] = [
  {
    feature: 'a first token that does not come',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ beforeAnswer: new Promise(() => undefined) });
      await expectTimeout(trial, { firstTokenTimeoutMs: 300 }, 'INITIAL_RESPONSE_TIMEOUT');
    },
  },
  {
    feature: 'an answer that stalls',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'one two three four', pieces: 4, stallAfterChunks: 3 });
      await expectTimeout(trial, { stallTimeoutMs: 300 }, 'STALL_TIMEOUT');
    },
  },
  {
    feature: 'a call that takes too long in all',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'word '.repeat(500), pieces: 500, chunkDelayMs: 20 });
      await expectTimeout(trial, { llmCallTimeoutMs: 500 }, 'CALL_TIMEOUT');
    },
  },
  {
    feature: 'an abort in the middle closes the connection',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'a long answer', pieces: 4, stallAfterChunks: 3 });
      const abort = new AbortController();
      const reason = new Error('cancelled by a person');
      const reading = (async () => {
        for await (const event of trial.model.stream(requestOf({}), abort.signal))
          if (event.type === 'text-delta' && event.text !== '') abort.abort(reason);
      })();
      await expect(reading).rejects.toBe(reason);
      await expectClosed(trial);
    },
  },
  {
    feature: 'an abort before the first byte closes the connection',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ beforeAnswer: new Promise(() => undefined) });
      const abort = new AbortController();
      const reading = trial.call({}, abort.signal);
      reading.catch(() => undefined);
      await trial.request();
      abort.abort(new Error('enough'));
      await expect(reading).rejects.toThrow('enough');
      await expectClosed(trial);
    },
  },
  {
    feature: 'a reader who stops closes the connection',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'a long answer', pieces: 4, stallAfterChunks: 3 });
      for await (const _event of trial.model.stream(requestOf({}), NEVER)) break;
      await expectClosed(trial);
    },
  },
  {
    feature: 'nobody listens at the address',
    run: async (trial: Trial): Promise<void> => {
      const model = trial.subject.modelAt(await deafAddress(trial));
      await expect(trial.call({}, NEVER, model)).rejects.toMatchObject({
        code: 'PROVIDER_ERROR',
        message: expect.stringContaining('ECONNREFUSED'),
      });
    },
  },
];

async function expectTimeout(trial: Trial, limits: Partial<TimeLimits>, code: string): Promise<void> {
  const model = new TimeLimitedLanguageModel(trial.model, { ...GENEROUS, ...limits });
  await expect(trial.call({}, NEVER, model)).rejects.toMatchObject({ code, retryable: true });
  await expectClosed(trial);
}

async function expectClosed(trial: Trial): Promise<void> {
  const request = await trial.request();
  await request.closed;
  expect(request.isAborted).toBe(true);
  expect(trial.server.open).toBe(0);
}

async function deafAddress(trial: Trial): Promise<{ url: string; origin: string }> {
  const probe = createServer().listen(0);
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  const moved = (url: string): string => url.replace(/:\d+/, `:${port}`);
  return { url: moved(trial.server.url), origin: moved(trial.server.origin) };
}
