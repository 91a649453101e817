/** Closer to the end of the page than this counts as being there. */
const NEAR_END_PX = 96;
/** A page that grows or measures itself moves by less; a person who scrolls moves by more. */
const SMALLEST_STEP_PX = 8;

/**
 * Keeps the end of a growing page in view until the reader scrolls up, and again once the reader is back at the end.
 */
export class FollowEnd {
  #isOn = $state(false);
  #lastTop = 0;
  /** Scrolling that a person began: a wheel, a finger, a key or the scroll bar, not the page itself. */
  #touchedAt = -Infinity;

  get isOn(): boolean {
    return this.#isOn;
  }

  /** @returns how to stop listening */
  listen(): () => void {
    const options = { passive: true };
    const touched = (): void => void (this.#touchedAt = performance.now());
    const scrolled = (): void => this.#scrolled();
    const touches = ['wheel', 'touchmove', 'keydown', 'pointerdown'];
    for (const type of touches) window.addEventListener(type, touched, options);
    window.addEventListener('scroll', scrolled, options);
    return () => {
      for (const type of touches) window.removeEventListener(type, touched);
      window.removeEventListener('scroll', scrolled);
    };
  }

  start(): void {
    this.#isOn = true;
    // The press of the button is no scrolling: a page that shrinks right after it is still followed.
    this.#touchedAt = -Infinity;
    this.keep();
  }

  release(): void {
    this.#isOn = false;
  }

  /** The page has grown. */
  keep(): void {
    if (!this.#isOn) return;
    window.scrollTo({ top: document.documentElement.scrollHeight });
    this.#lastTop = window.scrollY;
  }

  #scrolled(): void {
    const top = window.scrollY;
    const isUp = top < this.#lastTop - SMALLEST_STEP_PX;
    const isByPerson = performance.now() - this.#touchedAt < 1_000;
    this.#lastTop = top;
    if (isUp && isByPerson) this.#isOn = false;
    else if (!isUp && isByPerson && this.#isAtEnd()) this.#isOn = true;
  }

  #isAtEnd(): boolean {
    return document.documentElement.scrollHeight - window.innerHeight - window.scrollY < NEAR_END_PX;
  }
}
