import { EmbeddingModel, normalized } from './embedding-model.js';

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
/** What words have in common counts less than the words themselves. */
const PART_WEIGHT = 0.3;

/**
 * Embeds without a network: words and their parts of three letters are hashed into a vector. Texts that share words come out near each
 * other; that two words mean the same it does not know.
 */
export class HashingEmbeddingModel extends EmbeddingModel {
  override readonly provider = 'hashing';
  override readonly model = 'words and trigrams';

  constructor(override readonly dimensions = 768) {
    super();
  }

  override embed(texts: readonly string[]): Promise<number[][]> {
    return Promise.resolve(texts.map((text) => this.#embedOne(text)));
  }

  #embedOne(text: string): number[] {
    const vector = new Array<number>(this.dimensions).fill(0);
    const add = (feature: string, weight: number): void => {
      const hash = hashOf(feature);
      // The highest bit is the sign, so that features that meet in one place do not only add up.
      vector[(hash & 0x7fffffff) % this.dimensions]! += hash >>> 31 === 1 ? -weight : weight;
    };
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
      add(word, 1);
      const padded = ` ${word} `;
      for (let at = 0; at + 3 <= padded.length; at++) add(padded.slice(at, at + 3), PART_WEIGHT);
    }
    return normalized(vector);
  }
}

function hashOf(text: string): number {
  let hash = OFFSET_BASIS;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, PRIME);
  // Spreads what only differs in the last bytes over all bits.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
