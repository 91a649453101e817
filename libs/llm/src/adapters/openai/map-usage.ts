import type { TokenUsage } from '@tarsy/contracts';

/** Token counts of the last chunk; null where the server sends none. Anything that is no count is 0. */
export function mapUsage(usage: unknown): TokenUsage | null {
  if (!isRecord(usage)) return null;
  return {
    inputTokens: count(usage['prompt_tokens']),
    outputTokens: count(usage['completion_tokens']),
    thinkingTokens: count(part(usage['completion_tokens_details'], 'reasoning_tokens')),
    cachedInputTokens: count(part(usage['prompt_tokens_details'], 'cached_tokens')),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const part = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined);
const count = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
