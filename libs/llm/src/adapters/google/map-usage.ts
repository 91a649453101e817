import type { TokenUsage } from '@tarsy/contracts';
import { count, record } from '../untyped.js';

/** The API counts thoughts beside the answer, and the results of its own tools beside the prompt; null where it counts nothing. */
export function mapUsage(usage: unknown): TokenUsage | null {
  if (typeof usage !== 'object' || usage === null) return null;
  const fields = record(usage);
  const thinkingTokens = count(fields['thoughtsTokenCount']);
  return {
    inputTokens: count(fields['promptTokenCount']) + count(fields['toolUsePromptTokenCount']),
    outputTokens: count(fields['candidatesTokenCount']) + thinkingTokens,
    thinkingTokens,
    cachedInputTokens: count(fields['cachedContentTokenCount']),
  };
}
