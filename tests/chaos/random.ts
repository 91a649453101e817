/** Random choices that a seed determines. */
export interface Random {
  /** From `least` to `most`, both included. */
  whole(least: number, most: number): number;
  oneOf<Item>(items: readonly Item[]): Item;
}

/** Mulberry32, a generator with 32 bits of state: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return { whole, oneOf: (items) => items[whole(0, items.length - 1)]! };
}
