import type { ModelReference } from '@tarsy/contracts';
import type { ConversationMessage } from '@tarsy/llm';

/** TARSy's estimate: four bytes of UTF-8 to a token, rounded up. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, 'utf8') / 4);
}

export function conversationTokens(messages: readonly ConversationMessage[]): number {
  return messages.reduce((sum, message) => sum + messageTokens(message), 0);
}

function messageTokens(message: ConversationMessage): number {
  if (message.role !== 'assistant') return estimateTokens(message.content);
  const { text, thinking = '', toolCalls } = message;
  return toolCalls.reduce((sum, call) => sum + estimateTokens(call.name + call.argumentsText), estimateTokens(text + thinking)); // prettier-ignore
}

/** The vendors' current windows, for references that do not say. */
const WINDOW_TOKENS: Readonly<Record<ModelReference['type'], number | undefined>> = {
  google: 1_000_000,
  vertexai: 1_000_000,
  anthropic: 1_000_000,
  openai: 400_000,
  xai: 500_000,
  // It reads results as data and can do without none of them.
  playbook: undefined,
};
/** Of a model behind somebody's own address nothing is known; most have at least this. */
const WINDOW_TOKENS_ELSEWHERE = 128_000;

/** Tokens that a conversation with this model may have; undefined is no limit. */
export function contextWindowOf({ type, baseUrl, contextWindowTokens }: ModelReference): number | undefined {
  if (contextWindowTokens !== undefined || type === 'playbook') return contextWindowTokens;
  return baseUrl === undefined ? WINDOW_TOKENS[type] : WINDOW_TOKENS_ELSEWHERE;
}

/** The end of a text is cut off so that about `tokens` remain; a note says so. */
export function cutToTokens(text: string, tokens: number): string {
  if (estimateTokens(text) <= tokens) return text;
  const bytes = Buffer.from(text, 'utf8').subarray(0, tokens * 4);
  const kept = new TextDecoder().decode(bytes).replace(/\uFFFD+$/, '');
  return `${kept}\n[cut off: ${estimateTokens(text)} tokens in all]`;
}
