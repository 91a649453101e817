import type { TokenUsage } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { findPrice } from './find-price.js';
import { costUsd } from './model-price.js';
import { PriceList } from './price-list.js';
import { PRICE_SNAPSHOT } from './price-snapshot.js';
import { parseCatalogue } from './public-catalogue.js';

const usage = (changes: Partial<TokenUsage> = {}): TokenUsage => ({
  inputTokens: 1_000_000,
  outputTokens: 1_000_000,
  thinkingTokens: 0,
  cachedInputTokens: 0,
  ...changes,
});
const price = { inputPerMillion: 2, outputPerMillion: 10 };

describe(costUsd.name, () => {
  it('prices input and output', () => {
    expect(costUsd(usage({ inputTokens: 500_000 }), price)).toBe(11);
  });

  it('prices what was read from a cache, and written to it, apart', () => {
    const cached = { ...price, cachedInputPerMillion: 0.2, cacheWritePerMillion: 2.5 };
    const counted = usage({ outputTokens: 0, cachedInputTokens: 500_000, cacheWriteInputTokens: 200_000 });
    expect(costUsd(counted, cached)).toBeCloseTo(0.3 * 2 + 0.5 * 0.2 + 0.2 * 2.5, 10);
    expect(costUsd(counted, price)).toBeCloseTo(2, 10);
  });

  it('prices thinking like the rest of the output, unless it has a price of its own', () => {
    const counted = usage({ inputTokens: 0, thinkingTokens: 400_000 });
    expect(costUsd(counted, price)).toBeCloseTo(10, 10);
    expect(costUsd(counted, { ...price, thinkingPerMillion: 5 })).toBeCloseTo(8, 10);
  });

  it('takes the rates for long conversations above their limit', () => {
    const tiered = { ...price, longContext: { aboveInputTokens: 200_000, inputPerMillion: 4, outputPerMillion: 18 } };
    expect(costUsd(usage({ inputTokens: 200_000, outputTokens: 0 }), tiered)).toBeCloseTo(0.4, 10);
    expect(costUsd(usage({ inputTokens: 200_001, outputTokens: 0 }), tiered)).toBeCloseTo(0.800004, 10);
  });
});

describe(findPrice.name, () => {
  const other = { inputPerMillion: 3, outputPerMillion: 3 };
  it('knows a model by its name, with a vendor in front of it, or without one', () => {
    expect(findPrice(new Map([['m', price]]), 'm')).toBe(price);
    expect(findPrice(new Map([['vendor/m', price]]), 'm')).toBe(price);
    expect(findPrice(new Map([['m', price]]), 'vendor/m')).toBe(price);
    expect(findPrice(new Map([['other-m', price]]), 'm')).toBeUndefined();
  });

  it('does not choose between vendors that differ in price', () => {
    expect(findPrice(new Map([['a/m', price], ['b/m', { ...price }]]), 'm')).toEqual(price); // prettier-ignore
    expect(findPrice(new Map([['a/m', price], ['b/m', other]]), 'm')).toBeUndefined(); // prettier-ignore
  });
});

describe(parseCatalogue.name, () => {
  it('reads prices for one token, tiers included, and leaves out what has none', () => {
    const catalogue = parseCatalogue({
      sample_spec: { input_cost_per_token: 'a number' },
      image: { output_cost_per_image: 0.04 },
      'gemini/pro': {
        input_cost_per_token: 1.25e-6,
        output_cost_per_token: 1e-5,
        cache_read_input_token_cost: 1.25e-7,
        output_cost_per_reasoning_token: 9e-6,
        input_cost_per_token_above_200k_tokens: 2.5e-6,
        output_cost_per_token_above_200k_tokens: 1.5e-5,
      },
    });
    expect([...catalogue.keys()]).toEqual(['gemini/pro']);
    expect(catalogue.get('gemini/pro')).toEqual({
      inputPerMillion: 1.25,
      outputPerMillion: 10,
      cachedInputPerMillion: 0.125,
      thinkingPerMillion: 9,
      longContext: { aboveInputTokens: 200_000, inputPerMillion: 2.5, outputPerMillion: 15 },
    });
    expect(parseCatalogue('<html>').size).toBe(0);
  });
});

describe(PriceList.name, () => {
  const day = (text: string): number => Date.parse(text);
  const rate = (perMillion: number): { inputPerMillion: number; outputPerMillion: number } => ({ inputPerMillion: perMillion, outputPerMillion: 0 }); // prettier-ignore
  const promotion = { id: undefined, model: 'gpt-5.2', startsAtMs: day('2026-01-10'), endsAtMs: day('2026-01-20'), ...rate(0.5) }; // prettier-ignore
  const list = (changes = {}): PriceList =>
    new PriceList({ enabled: true, modelRates: {}, promotions: [], ...changes });
  const cost = (prices: PriceList, at = '2026-01-15', model = 'gpt-5.2'): number | undefined =>
    prices.costOf(model, usage({ outputTokens: 0 }), day(at));

  it('takes a promotion in its time, then a rate of the configuration, the public catalogue, the snapshot', () => {
    const configured = list({ promotions: [promotion], modelRates: { 'gpt-5.2': rate(1) } });
    expect(cost(configured, '2026-01-09T23:59:59Z')).toBe(1);
    expect(cost(configured, '2026-01-10')).toBe(0.5);
    expect(cost(configured, '2026-01-20')).toBe(1);
    const bare = list();
    expect(cost(bare)).toBe(1.75);
    bare.update(new Map([['openai/gpt-5.2', rate(9)]]));
    expect(cost(bare)).toBe(9);
  });

  it('says nothing where it knows no price, no tokens were counted, or estimation is off', () => {
    expect(cost(list(), '2026-01-15', 'model-of-my-own')).toBeUndefined();
    expect(list().costOf('gpt-5.2', null, 0)).toBeUndefined();
    expect(list().costOf('gpt-5.2', usage({ inputTokens: 0, outputTokens: 0 }), 0)).toBeUndefined();
    expect(cost(list({ enabled: false }))).toBeUndefined();
  });
});

describe('the bundled prices', () => {
  it.each([...PRICE_SNAPSHOT])('%s are plausible, with source and date', (_model, published) => {
    expect(published.outputPerMillion).toBeGreaterThan(published.inputPerMillion);
    expect(published.cachedInputPerMillion).toBeLessThan(published.inputPerMillion);
    expect(published.contextTokens).toBeGreaterThan(100_000);
    expect(published.source).toMatch(/^https:\/\//);
    expect(Date.parse(published.readAt)).not.toBeNaN();
  });
});
