/** Turns texts into vectors whose cosine says how near their meanings are. An implementation neither retries nor limits time. */
export abstract class EmbeddingModel {
  abstract readonly provider: string;
  abstract readonly model: string;
  /** Length of each vector. */
  abstract readonly dimensions: number;

  /**
   * One vector of length 1 for each text, in order.
   * @throws {LanguageModelError} as a language model does
   */
  abstract embed(texts: readonly string[], signal: AbortSignal): Promise<number[][]>;
}

/** Scales a vector to length 1; one of zeros stays. Shortened vectors come without it from some vendors. */
export function normalized(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}
