import type { PriceCatalogue } from './find-price.js';
import type { ModelPrice, TokenRates } from './model-price.js';

type Fields = Readonly<Record<string, unknown>>;

/** The catalogue that most tools share; prices are for one token, in USD. */
export const PUBLIC_CATALOGUE_URL =
  'https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json';

/** Reads the shared catalogue leniently: entries without prices, or with prices that are none, are left out. */
export function parseCatalogue(content: unknown): PriceCatalogue {
  const catalogue = new Map<string, ModelPrice>();
  if (typeof content !== 'object' || content === null) return catalogue;
  for (const [model, entry] of Object.entries(content)) {
    const price = typeof entry === 'object' && entry !== null ? priceOf(entry as Fields) : undefined;
    if (price !== undefined) catalogue.set(model, price);
  }
  return catalogue;
}

function priceOf(entry: Fields): ModelPrice | undefined {
  const rates = ratesOf(entry, '');
  if (rates === undefined) return undefined;
  const suffix = Object.keys(entry)
    .map((key) => /^input_cost_per_token(_above_(\d+)k_tokens)$/.exec(key))
    .find(Boolean);
  const above = suffix && ratesOf(entry, suffix[1]!);
  return above ? { ...rates, longContext: { ...above, aboveInputTokens: Number(suffix[2]) * 1_000 } } : rates;
}

function ratesOf(entry: Fields, suffix: string): TokenRates | undefined {
  const rate = (key: string): number | undefined => perMillion(entry[`${key}${suffix}`]);
  const inputPerMillion = rate('input_cost_per_token');
  const outputPerMillion = rate('output_cost_per_token') ?? perMillion(entry['output_cost_per_token']);
  if (inputPerMillion === undefined || outputPerMillion === undefined) return undefined;
  const optional = {
    cachedInputPerMillion: rate('cache_read_input_token_cost'),
    cacheWritePerMillion: rate('cache_creation_input_token_cost'),
    thinkingPerMillion: rate('output_cost_per_reasoning_token'),
  };
  const known = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { inputPerMillion, outputPerMillion, ...known };
}

/** Rounded to a millionth of a dollar, so that a price is the figure that the vendor wrote. */
function perMillion(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value * 1e12) / 1e6 : undefined;
}
