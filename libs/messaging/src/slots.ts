/** Counts what runs at the same time. */
export class Slots {
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(readonly size: number) {}

  get free(): number {
    return this.size - this.#taken;
  }

  take(): void {
    this.#taken++;
  }

  release(): void {
    this.#taken--;
    this.wake();
  }

  /** Resolves at the next {@link release} or {@link wake}. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  async untilIdle(): Promise<void> {
    while (this.#taken > 0) await this.changed();
  }
}
