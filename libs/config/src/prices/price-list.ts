import type { TokenUsage } from '@tarsy/contracts';
import type { SystemSettings } from '../definitions/system.js';
import { findPrice, type PriceCatalogue } from './find-price.js';
import { costUsd, type ModelPrice } from './model-price.js';
import { PRICE_SNAPSHOT } from './price-snapshot.js';

/** What model calls cost: a promotion of the configuration, else a rate of it, else the public catalogue, else the bundled snapshot. */
export class PriceList {
  #catalogue: PriceCatalogue = new Map();

  constructor(private readonly settings: SystemSettings['costEstimation']) {}

  /** Where prices of models come from that the configuration says nothing of, and how many models have one there. */
  get source(): { readonly name: 'catalog' | 'snapshot' | 'none'; readonly models: number } {
    if (!this.settings.enabled) return { name: 'none', models: 0 };
    if (this.#catalogue.size > 0) return { name: 'catalog', models: this.#catalogue.size };
    return { name: 'snapshot', models: PRICE_SNAPSHOT.size };
  }

  /** Replaces what is known of public prices. */
  update(catalogue: PriceCatalogue): void {
    this.#catalogue = catalogue;
  }

  /**
   * USD, for a call at that time; undefined where estimation is off, no tokens were counted, or the price is not known.
   * @param atMs Milliseconds since 1970, UTC.
   */
  costOf(model: string, usage: TokenUsage | null, atMs: number): number | undefined {
    if (usage === null || usage.inputTokens + usage.outputTokens === 0) return undefined;
    const price = this.priceOf(model, atMs);
    return price && costUsd(usage, price);
  }

  /** Undefined where estimation is off or the price is not known. */
  priceOf(model: string, atMs: number): ModelPrice | undefined {
    const { enabled, promotions, modelRates } = this.settings;
    if (!enabled) return undefined;
    const promotion = promotions.find(
      ({ model: promoted, startsAtMs = -Infinity, endsAtMs }) => promoted === model && startsAtMs <= atMs && atMs < endsAtMs, // prettier-ignore
    );
    return promotion ?? modelRates[model] ?? findPrice(this.#catalogue, model) ?? findPrice(PRICE_SNAPSHOT, model);
  }
}
