import { messageOf } from '@tarsy/core';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../language-model.js';
import { isTimeout, LanguageModelError, ProviderBusyError, RetriesExhaustedError } from '../language-model.errors.js';

/** Pauses before the second, third and fourth try. */
const PAUSES_MS = [1_000, 2_000, 4_000];
/** A vendor that asks for more is not waited for: the caller has better things to do. */
const LONGEST_PAUSE_MS = 60_000;

export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export interface RetryOptions {
  /** Default: a timer. Rejects when the signal aborts. */
  readonly sleep?: Sleep;
  readonly onRetry?: (error: LanguageModelError, attempt: number) => void;
}

/** Repeats a call that failed before anything arrived, where the failure may pass: rate limits, 5xx, connections. Not timeouts. */
export class RetryingLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;

  constructor(
    private readonly inner: LanguageModel,
    private readonly options: RetryOptions = {},
  ) {
    super();
    this.provider = inner.provider;
    this.model = inner.model;
  }

  /** @throws {RetriesExhaustedError} it failed on every try */
  override async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    for (let attempt = 1; ; attempt++) {
      let hasStreamed = false;
      try {
        for await (const event of this.inner.stream(request, signal)) {
          hasStreamed = true;
          yield event;
        }
        return;
      } catch (error) {
        if (hasStreamed || !isWorthRepeating(error)) throw error;
        const pauseMs = Math.max(PAUSES_MS[attempt - 1] ?? Infinity, error.retryAfterMs ?? 0);
        if (pauseMs > LONGEST_PAUSE_MS)
          throw new RetriesExhaustedError(`gave up after ${attempt} tries: ${messageOf(error)}`, { cause: error });
        this.options.onRetry?.(error, attempt);
        await (this.options.sleep ?? sleep)(pauseMs, signal);
      }
    }
  }
}

function isWorthRepeating(error: unknown): error is LanguageModelError {
  return (
    error instanceof LanguageModelError && error.retryable && !isTimeout(error) && !(error instanceof ProviderBusyError)
  );
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}
