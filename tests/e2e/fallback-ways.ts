import type { ModelTurn } from '@tarsy/testing';

/** One way in which a provider fails. */
export interface FailingWay {
  /** Continues "a session whose provider". */
  readonly how: string;
  readonly vendor: 'openai' | 'anthropic' | 'google';
  /** Every request that the provider sees, and no more. */
  readonly answers: readonly ModelTurn[];
  /** Failed calls, as people see them; requests that the model layer repeats are one. */
  readonly failedCalls: number;
  readonly errorCode: string;
  /** Default 2: what the fallback needs. */
  readonly maxIterations?: number;
}

const never = new Promise<never>(() => undefined);
const status = (code: number, message?: string, headers?: Readonly<Record<string, string>>): ModelTurn => ({
  error: { status: code, ...(message === undefined ? {} : { body: { message } }), ...(headers ? { headers } : {}) },
});
const times = (count: number, turn: ModelTurn): ModelTurn[] => Array.from({ length: count }, () => turn);

/** The model layer tries four times before it gives up. */
const givenUp = { failedCalls: 1, errorCode: 'MAX_RETRIES' };
const atOnce = { failedCalls: 1, errorCode: 'CREDENTIALS' };
const partial = { failedCalls: 2, errorCode: 'PARTIAL_STREAM_ERROR' };

/** The rows of the reference's table, with every failure on the wire that belongs to one. */
export const FAILING_WAYS: readonly FailingWay[] = [
  { how: 'is out of order on every try', vendor: 'openai', answers: times(4, status(500)), ...givenUp },
  { how: 'is overloaded on every try', vendor: 'anthropic', answers: times(4, status(529)), ...givenUp },
  { how: 'has too many requests on every try', vendor: 'google', answers: times(4, status(429)), ...givenUp },
  { how: 'breaks every connection', vendor: 'openai', answers: times(4, { text: 'x', breakAfterChunks: 0 }), ...givenUp }, // prettier-ignore
  { how: 'answers with an error on every try', vendor: 'anthropic', answers: times(4, { errorInStream: { message: 'we are overloaded' } }), ...givenUp }, // prettier-ignore
  { how: 'does not know the key', vendor: 'anthropic', answers: [status(401)], ...atOnce },
  { how: 'does not let the key in', vendor: 'google', answers: [status(403)], ...atOnce },
  { how: 'has no quota left', vendor: 'openai', answers: [status(429, 'insufficient_quota')], ...atOnce },
  {
    how: 'wants to be left alone for long',
    vendor: 'openai',
    answers: [status(429, 'slow down', { 'retry-after': '600' })],
    failedCalls: 1,
    errorCode: 'PROVIDER_BUSY',
  },
  {
    how: 'finds the conversation too long',
    vendor: 'google',
    answers: [status(400, 'input token count 300000 exceeds the context window')],
    failedCalls: 1,
    errorCode: 'CONTEXT_TOO_LONG',
  },
  { how: 'does not accept requests', vendor: 'google', answers: times(2, status(400)), failedCalls: 2, errorCode: 'INVALID_REQUEST' }, // prettier-ignore
  { how: 'does not have the model', vendor: 'anthropic', answers: times(2, status(404)), failedCalls: 2, errorCode: 'INVALID_REQUEST' }, // prettier-ignore
  {
    how: 'refuses the content',
    vendor: 'openai',
    answers: times(2, status(400, 'content_policy_violation')),
    failedCalls: 2,
    errorCode: 'CONTENT_REFUSED',
  },
  {
    how: 'sends no first token',
    vendor: 'openai',
    answers: times(2, { beforeAnswer: never }),
    failedCalls: 2,
    errorCode: 'INITIAL_RESPONSE_TIMEOUT',
  },
  {
    how: 'stalls in the middle',
    vendor: 'anthropic',
    answers: times(2, { text: 'The cause may', stallAfterChunks: 2 }),
    failedCalls: 2,
    errorCode: 'STALL_TIMEOUT',
  },
  { how: 'breaks off in the middle', vendor: 'anthropic', answers: times(2, { text: 'The cause may', breakAfterChunks: 2 }), ...partial }, // prettier-ignore
  { how: 'has an error in the middle', vendor: 'google', answers: times(2, { text: 'The cause may', errorInStream: { message: 'we are overloaded' } }), ...partial }, // prettier-ignore
  { how: 'leaves answers without an end', vendor: 'openai', answers: times(2, { text: 'The cause may', finishReason: null }), ...partial }, // prettier-ignore
  {
    how: 'fails twice in one way, after once in another',
    vendor: 'openai',
    answers: [status(400), { text: 'The cause may', breakAfterChunks: 2 }, { text: 'The cause may', breakAfterChunks: 2 }], // prettier-ignore
    failedCalls: 3,
    errorCode: 'PARTIAL_STREAM_ERROR',
    maxIterations: 4,
  },
  {
    how: 'fails in two ways until no iteration is left',
    vendor: 'openai',
    answers: [status(400), { text: 'The cause may', breakAfterChunks: 2 }],
    ...partial,
  },
];
