import { createSubscriber } from 'svelte/reactivity';

const TICK_MS = 1_000;

/** The time, for ages and running durations: one timer for the whole page, and none while nobody looks at it. */
class WallClock {
  #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, TICK_MS);
    return () => clearInterval(timer);
  });

  /** Milliseconds since 1970; what reads it is drawn again every second. */
  get nowMs(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const wallClock = new WallClock();
