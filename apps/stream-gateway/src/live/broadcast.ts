/** A reader was so slow that what it should read next is gone. */
export class FellBehindError extends Error {
  constructor() {
    super('the reader is too slow: what it should read next is no longer kept');
    this.name = 'FellBehindError';
  }
}

export interface BroadcastLimits {
  readonly maxItems: number;
  /** Sum of the sizes given to `publish`. */
  readonly maxBytes: number;
}

/**
 * One writer, many readers, one bounded buffer for all of them. Each reader has its own position; one that falls behind
 * the buffer gets {@link FellBehindError}, so no reader can make the process grow.
 */
export class Broadcast<Item> {
  #kept: { item: Item; sizeBytes: number }[] = [];
  #bytes = 0;
  /** Position of the first kept item; positions count from 0 and never repeat. */
  #start = 0;
  #end: { error?: unknown } | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly limits: BroadcastLimits) {}

  /** Position of the oldest item that can still be read. */
  get start(): number {
    return this.#start;
  }

  /** Position that the next item will take. */
  get position(): number {
    return this.#start + this.#kept.length;
  }

  publish(item: Item, sizeBytes: number): void {
    this.#kept.push({ item, sizeBytes });
    this.#bytes += sizeBytes;
    this.#forgetSurplus();
    this.#wake();
  }

  /** Readers get what is left, then their iteration ends, or throws `error`. */
  close(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake();
  }

  /**
   * Items from `position` on, in batches, then live; ends when the broadcast is closed or the signal aborts.
   * @throws {FellBehindError} the next item is gone
   */
  async *read(position: number, signal: AbortSignal): AsyncGenerator<Item[], void, undefined> {
    let next = position;
    while (!signal.aborted) {
      if (next < this.#start) throw new FellBehindError();
      const batch = this.#kept.slice(next - this.#start).map(({ item }) => item);
      next += batch.length;
      if (batch.length > 0) yield batch;
      else if (this.#end) break;
      else await this.#change(signal);
    }
    if (!signal.aborted && this.#end?.error !== undefined) throw this.#end.error;
  }

  #forgetSurplus(): void {
    let surplus = Math.max(0, this.#kept.length - this.limits.maxItems);
    let bytes = this.#kept.slice(0, surplus).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    while (this.#bytes - bytes > this.limits.maxBytes && surplus < this.#kept.length - 1)
      bytes += this.#kept[surplus++]!.sizeBytes;
    if (surplus === 0) return;
    this.#kept.splice(0, surplus);
    this.#bytes -= bytes;
    this.#start += surplus;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
