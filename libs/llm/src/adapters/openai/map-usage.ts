import type { TokenUsage } from '@tarsy/contracts';
import { count, record } from '../untyped.js';

/** Token counts of the last chunk; null where the server sends none. */
export function mapUsage(usage: unknown): TokenUsage | null {
  if (typeof usage !== 'object' || usage === null) return null;
  const fields = record(usage);
  return {
    inputTokens: count(fields['prompt_tokens']),
    outputTokens: count(fields['completion_tokens']),
    thinkingTokens: count(record(fields['completion_tokens_details'])['reasoning_tokens']),
    cachedInputTokens: count(record(fields['prompt_tokens_details'])['cached_tokens']),
  };
}
