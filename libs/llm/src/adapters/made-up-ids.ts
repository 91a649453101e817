import type { LanguageModelRequest } from '../language-model.js';

/** Ids for calls that come without one: unique in the conversation, the same when the call is repeated. */
export function madeUpIds({ messages }: Pick<LanguageModelRequest, 'messages'>): () => string {
  let position = 0;
  return () => `call_${messages.length}_${++position}`;
}
