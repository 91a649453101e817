import type { TokenUsage } from '@tarsy/contracts';

/** USD for a million tokens; what is absent costs as much as the input, or the output, that it is a part of. */
export interface TokenRates {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  /** Input that was read from the vendor's cache. */
  readonly cachedInputPerMillion?: number;
  /** Input that was written to the vendor's cache. */
  readonly cacheWritePerMillion?: number;
  readonly thinkingPerMillion?: number;
}

export interface ModelPrice extends TokenRates {
  /** Rates of calls with more than so many tokens of input. */
  readonly longContext?: TokenRates & { readonly aboveInputTokens: number };
}

/** USD. */
export function costUsd(usage: TokenUsage, price: ModelPrice): number {
  const { inputTokens, outputTokens, thinkingTokens, cachedInputTokens, cacheWriteInputTokens = 0 } = usage;
  const { longContext } = price;
  const rates: TokenRates =
    longContext !== undefined && inputTokens > longContext.aboveInputTokens ? longContext : price;
  const { inputPerMillion, outputPerMillion } = rates;
  const freshTokens = Math.max(0, inputTokens - cachedInputTokens - cacheWriteInputTokens);
  const answerTokens = Math.max(0, outputTokens - thinkingTokens);
  const millionths =
    freshTokens * inputPerMillion +
    cachedInputTokens * (rates.cachedInputPerMillion ?? inputPerMillion) +
    cacheWriteInputTokens * (rates.cacheWritePerMillion ?? inputPerMillion) +
    answerTokens * outputPerMillion +
    thinkingTokens * (rates.thinkingPerMillion ?? outputPerMillion);
  return millionths / 1_000_000;
}
