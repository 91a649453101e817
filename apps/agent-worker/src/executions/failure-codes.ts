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

export const isTimeoutCode = (code: string): boolean => TIMEOUTS.has(code);
export const isHopelessCode = (code: string): boolean => HOPELESS.has(code);
export const isDoubtfulCode = (code: string): boolean => DOUBTFUL.has(code);
