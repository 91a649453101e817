import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface WaitingOptions {
  /** Infinity: the timeout of the test is the bound. */
  readonly timeoutMs: number;
  /** Default 20 ms. */
  readonly everyMs?: number;
}

/** Asks until the answer fits or the time is over. @returns the last answer, whether it fits or not */
export async function lastAnswer<Answer>(
  ask: () => Answer | Promise<Answer>,
  fits: (answer: Answer) => boolean,
  { timeoutMs, everyMs = 20 }: WaitingOptions,
): Promise<Answer> {
  const giveUpAtMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (fits(answer) || performance.now() > giveUpAtMs) return answer;
    await sleep(everyMs);
  }
}

type There<Value> = Exclude<Value, undefined | null | false>;

/**
 * A function that waits until `read` gives something other than undefined, null and false, and returns that.
 * It throws what was waited for and what was read last when that takes longer than its second argument, `defaultTimeoutMs` by default.
 */
export function eventuallyWithin(
  defaultTimeoutMs: number,
): <Value>(read: () => Value | Promise<Value>, timeoutMs?: number) => Promise<There<Value>> {
  return async <Value>(read: () => Value | Promise<Value>, timeoutMs = defaultTimeoutMs): Promise<There<Value>> => {
    const value = await lastAnswer(read, isThere, { timeoutMs });
    if (isThere(value)) return value;
    const waitedFor = read.toString().replaceAll(/\s+/g, ' ').slice(0, 300);
    throw new Error(`not within ${timeoutMs / 1_000} s: ${waitedFor}; read last: ${inspect(value)}`);
  };
}

function isThere<Value>(value: Value): value is There<Value> {
  return value !== undefined && value !== null && value !== false;
}
