import type { ModelPrice } from './model-price.js';

export type PriceCatalogue = ReadonlyMap<string, ModelPrice>;

/**
 * The price of a model in a catalogue that may name it `vendor/model`: by its exact name, else by an entry that ends with `/name`, else by
 * the name without its own prefix. Entries that differ in price leave it without one.
 */
export function findPrice(catalogue: PriceCatalogue, model: string): ModelPrice | undefined {
  return (
    catalogue.get(model) ??
    onlyPriceOf(catalogue, `/${model}`) ??
    catalogue.get(model.slice(model.lastIndexOf('/') + 1))
  );
}

function onlyPriceOf(catalogue: PriceCatalogue, suffix: string): ModelPrice | undefined {
  const prices = [...catalogue].filter(([name]) => name.endsWith(suffix)).map(([, price]) => price);
  const [first] = prices;
  return prices.every((price) => JSON.stringify(price) === JSON.stringify(first)) ? first : undefined;
}
