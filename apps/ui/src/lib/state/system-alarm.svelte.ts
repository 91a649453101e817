import { readWarnings } from '#lib/api/api';
import { Polled } from './polled.svelte';

const EVERY_MS = 30_000;

/** How many warnings the system has; for the header, so that nobody has to look at the system page to learn of them. */
export class SystemAlarm {
  readonly #warnings = new Polled(readWarnings, EVERY_MS);

  /** 0 while nothing is known. */
  get count(): number {
    return this.#warnings.answer?.warnings.length ?? 0;
  }

  close(): void {
    this.#warnings.close();
  }
}
