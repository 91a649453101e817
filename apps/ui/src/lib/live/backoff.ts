const FIRST_MS = 200;
const LONGEST_MS = 3_000;

/** How long to wait before the next attempt: 200 ms, twice as long each time, at most 3 s. */
export class Backoff {
  #nextMs = FIRST_MS;

  next(): number {
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(delayMs * 2, LONGEST_MS);
    return delayMs;
  }

  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
