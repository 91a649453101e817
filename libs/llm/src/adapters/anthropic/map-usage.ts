import type { TokenUsage } from '@tarsy/contracts';
import { count, record, type Fields } from '../untyped.js';

/** The API counts what it read from its cache, and wrote to it, beside the rest of the input; we count all input together. */
export function mapUsage(usage: Fields): TokenUsage | null {
  if (usage['input_tokens'] === undefined && usage['output_tokens'] === undefined) return null;
  const cachedInputTokens = count(usage['cache_read_input_tokens']);
  const cacheWriteInputTokens = count(usage['cache_creation_input_tokens']);
  return {
    inputTokens: count(usage['input_tokens']) + cachedInputTokens + cacheWriteInputTokens,
    outputTokens: count(usage['output_tokens']),
    thinkingTokens: count(record(usage['output_tokens_details'])['thinking_tokens']),
    cachedInputTokens,
    ...(cacheWriteInputTokens === 0 ? {} : { cacheWriteInputTokens }),
  };
}

/** Later counts replace earlier ones; what a later one leaves out, or says as null, stays. */
export function mergeUsage(before: Fields, later: unknown): Fields {
  return { ...before, ...Object.fromEntries(Object.entries(record(later)).filter(([, value]) => value !== null)) };
}
