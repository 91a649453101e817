import { AppError, codeOf, messageOf } from '@tarsy/core';
import { DeliveryLostError, ExecutionLostError } from './messaging.errors.js';

/** What becomes of a delivery whose handler threw. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** Somebody else has the message: any acknowledgement from here would count as theirs. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'reject'; readonly code: string; readonly reason: string };

const LONGEST_DELAY_MS = 60_000;

/**
 * Turns a handler's error into one acknowledgement. An {@link AppError} says itself whether trying again may help; anything else may
 * be a bug or a dependency that is away, and is tried again.
 * @param attempt Counts deliveries from 1.
 * @param maxDeliver The last attempt that may be followed by another is one less than this.
 */
export function outcomeOf(error: unknown, attempt: number, maxDeliver = Infinity): Outcome {
  if (error instanceof ExecutionLostError || error instanceof DeliveryLostError) return { kind: 'lost' };
  const isFinal = error instanceof AppError && !error.retryable;
  if (isFinal || attempt >= maxDeliver) return { kind: 'reject', code: codeOf(error), reason: messageOf(error) };
  const askedForMs = error instanceof AppError ? error.retryAfterMs : undefined;
  return { kind: 'retry', delayMs: askedForMs ?? Math.min(LONGEST_DELAY_MS, 1_000 * 2 ** Math.min(attempt, 10)) };
}
