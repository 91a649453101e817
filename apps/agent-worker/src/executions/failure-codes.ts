/** Codes of model failures by what they mean for the loop; the classes are in `@tarsy/llm`. */
const TIMEOUTS: ReadonlySet<string> = new Set(['INITIAL_RESPONSE_TIMEOUT', 'STALL_TIMEOUT', 'CALL_TIMEOUT']);
/** The same call fails again for certain, or the next one would be even longer. */
const HOPELESS: ReadonlySet<string> = new Set([
  'CREDENTIALS',
  'INVALID_BACKEND',
  'INVALID_PLAYBOOK',
  'CONTEXT_TOO_LONG',
]);
/** Another try has some chance; a second failure in a row ends the execution. */
const DOUBTFUL: ReadonlySet<string> = new Set(['INVALID_REQUEST', 'CONTENT_REFUSED']);

/** Failures by what they mean for the choice of model; what is in none of the sets counts as a failure of the provider. */
const AT_ONCE: ReadonlySet<string> = new Set(['MAX_RETRIES', 'CREDENTIALS', 'INVALID_BACKEND', 'PROVIDER_BUSY']);
const OF_STREAM: ReadonlySet<string> = new Set(['PARTIAL_STREAM_ERROR', 'STALL_TIMEOUT']);
/** Another model would not be to blame either. */
const NEVER: ReadonlySet<string> = new Set(['LOOP_DETECTED', 'ANSWER_TOO_LONG']);

/** Kinds of which it takes two in a row before another model is tried. */
export type CountedFailure = 'provider' | 'stream';

export function failureKindOf(code: string): CountedFailure | 'at-once' | 'never' {
  if (AT_ONCE.has(code)) return 'at-once';
  if (NEVER.has(code)) return 'never';
  return OF_STREAM.has(code) ? 'stream' : 'provider';
}

export const isTimeoutCode = (code: string): boolean => TIMEOUTS.has(code);
export const isHopelessCode = (code: string): boolean => HOPELESS.has(code);
export const isDoubtfulCode = (code: string): boolean => DOUBTFUL.has(code);
