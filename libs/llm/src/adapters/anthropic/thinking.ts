import type Anthropic from '@anthropic-ai/sdk';

/** TARSy's figures: 32,000 tokens of thinking in answers of at most 64,000. */
const THINKING_TOKENS = 32_000;
const MOST_TOKENS = 64_000;

/** Ways to ask for thinking, from the newest models' to none at all. */
export const THINKING_MODES = ['adaptive', 'budget', 'none'] as const;
export type ThinkingMode = (typeof THINKING_MODES)[number];

/** Models up to 4.5 take a budget, later ones decide by themselves how much to think. */
export function thinkingModeOf(model: string): ThinkingMode {
  if (/claude-(3-[05]|3-(opus|haiku|sonnet)|instant|2)/.test(model)) return 'none';
  return /claude-(3-7|(opus|sonnet|haiku)-4(-[015])?(-\d{8}|@\d{8})?$)/.test(model) ? 'budget' : 'adaptive';
}

/**
 * Whether the calls at the end of a conversation may be answered with thinking. Models with a budget refuse it where the calls were made
 * without: by a model of another vendor that failed, say. They may think again once the answer is there.
 */
export function canThink(mode: ThinkingMode, messages: readonly Anthropic.MessageParam[]): boolean {
  if (mode !== 'budget') return true;
  const blocks = messages.map(({ content }) => (typeof content === 'string' ? [] : content));
  const start = messages.findLastIndex(({ role }, index) => role === 'user' && !blocks[index]!.some(({ type }) => type === 'tool_result')); // prettier-ignore
  return blocks.slice(start + 1).every((content) => !content.some(({ type }) => type === 'tool_use') || content[0]!.type.endsWith('thinking')); // prettier-ignore
}

type ThinkingParameters = Pick<Anthropic.MessageCreateParamsStreaming, 'max_tokens' | 'thinking' | 'output_config'>;

/** @param mostTokens Longest answer that the model is known to allow. */
export function thinkingParameters(mode: ThinkingMode, mostTokens = MOST_TOKENS): ThinkingParameters {
  const max_tokens = Math.min(mostTokens, mode === 'none' ? 8_192 : MOST_TOKENS);
  if (mode === 'none') return { max_tokens };
  if (mode === 'adaptive')
    return { max_tokens, thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } };
  const budget_tokens = Math.min(THINKING_TOKENS, Math.floor(max_tokens / 2));
  return { max_tokens, thinking: { type: 'enabled', budget_tokens } };
}

/** What of the request the API's complaint is about, where another request may help. */
export function refusedPart(message: string): { readonly mostTokens: number } | 'thinking' | undefined {
  const limit = /max_tokens: \d+ > (\d+)/.exec(message)?.[1];
  if (limit !== undefined) return { mostTokens: Number(limit) };
  return /thinking|output_config|effort/.test(message) ? 'thinking' : undefined;
}
