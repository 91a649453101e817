/** The time, injected so that tests need no fake timers. */
export abstract class Clock {
  /** Milliseconds since 1970, UTC. */
  abstract nowMs(): number;

  now(): Date {
    return new Date(this.nowMs());
  }

  /** ISO 8601, UTC, milliseconds. */
  nowIso(): string {
    return this.now().toISOString();
  }
}

export class SystemClock extends Clock {
  override nowMs(): number {
    return Date.now();
  }
}
