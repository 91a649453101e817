import type { ModelPrice } from './model-price.js';

/** A list price of a vendor. */
export interface PublishedPrice extends ModelPrice {
  /** Tokens that a conversation may have. */
  readonly contextTokens: number;
  /** Where the figures were read. */
  readonly source: string;
  /** When, as a date. */
  readonly readAt: string;
}

const ANTHROPIC = { source: 'https://platform.claude.com/docs/en/about-claude/pricing', readAt: '2026-11-21' };
const OPENAI = { source: 'https://nicolalazzari.ai/articles/openai-api-pricing-explained-2026', readAt: '2026-11-21' };
const GOOGLE = { source: 'https://geotoolbox.ai/blog/gemini-api-pricing', readAt: '2026-11-21' };
const GOOGLE_FLASH_36 = { source: 'https://github.com/simstudioai/sim/pull/5812', readAt: '2026-11-21' };
const GOOGLE_FLASH_3 = {
  source: 'https://factquire.com/models/google/gemini-3-flash-preview.json',
  readAt: '2026-11-21',
};
const XAI = { source: 'https://docs.x.ai/developers/grok-4-6', readAt: '2026-11-21' };

/** Anthropic charges a quarter more for what it writes to its cache, and a tenth for what it reads from it, unless it says otherwise. */
const anthropic = (input: number, output: number, contextTokens: number): PublishedPrice => ({
  inputPerMillion: input,
  outputPerMillion: output,
  cachedInputPerMillion: input / 10,
  cacheWritePerMillion: input * 1.25,
  contextTokens,
  ...ANTHROPIC,
});

const google = (input: number, output: number, more: Partial<ModelPrice> = {}): PublishedPrice => ({
  inputPerMillion: input,
  outputPerMillion: output,
  cachedInputPerMillion: input / 10,
  ...more,
  contextTokens: 1_048_576,
  ...GOOGLE,
});

/**
 * Public list prices of built-in and related models, for where the public catalogue can not be had. A model that is not here has no price
 * unless the configuration gives it one: a wrong cost is worse than none.
 */
export const PRICE_SNAPSHOT: ReadonlyMap<string, PublishedPrice> = new Map([
  ['claude-sonnet-5', anthropic(2, 10, 1_000_000)],
  ['claude-sonnet-5-5', anthropic(2, 10, 1_000_000)],
  ['claude-opus-5', anthropic(5, 25, 1_000_000)],
  ['claude-opus-5-5', { ...anthropic(4, 20, 1_000_000), cachedInputPerMillion: 0.2 }],
  ['claude-haiku-4-5', anthropic(1, 5, 200_000)],
  [
    'gpt-5.2',
    { inputPerMillion: 1.75, outputPerMillion: 14, cachedInputPerMillion: 0.175, contextTokens: 400_000, ...OPENAI },
  ],
  ['grok-4.6', { inputPerMillion: 2, outputPerMillion: 6, cachedInputPerMillion: 0.5, contextTokens: 500_000, ...XAI }],
  ['gemini-3.6-flash', { ...google(1.5, 7.5), ...GOOGLE_FLASH_36 }],
  ['gemini-3.5-flash', google(1.5, 9)],
  ['gemini-3-flash-preview', { ...google(0.5, 3), ...GOOGLE_FLASH_3 }],
  ['gemini-3.1-flash-lite', google(0.25, 1.5)],
  [
    'gemini-3.1-pro-preview',
    google(2, 12, { longContext: { aboveInputTokens: 200_000, inputPerMillion: 4, outputPerMillion: 18, cachedInputPerMillion: 0.4 } }), // prettier-ignore
  ],
  ['gemini-2.5-flash', google(0.3, 2.5)],
  [
    'gemini-2.5-pro',
    google(1.25, 10, { longContext: { aboveInputTokens: 200_000, inputPerMillion: 2.5, outputPerMillion: 15, cachedInputPerMillion: 0.25 } }), // prettier-ignore
  ],
]);
