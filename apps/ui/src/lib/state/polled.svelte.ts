import { reasonOf } from '#lib/api/api-error';

/** What one address of the API says, read again at regular times while somebody looks at the page. */
export class Polled<Answer> {
  #answer = $state.raw<Answer>();
  #reason = $state('');
  #asked = 0;
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  /** @param everyMs Absent reads once; {@link refresh} reads again. */
  constructor(
    private readonly read: () => Promise<Answer>,
    everyMs?: number,
  ) {
    if (everyMs !== undefined) this.#timer = setInterval(() => this.#tick(), everyMs);
    void this.refresh();
  }

  /** Undefined until it was read for the first time; an older answer stays when reading fails. */
  get answer(): Answer | undefined {
    return this.#answer;
  }
  /** Why the last attempt failed; '' when it did not. */
  get reason(): string {
    return this.#reason;
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const answer = await this.read();
      if (asked !== this.#asked) return;
      this.#answer = answer;
      this.#reason = '';
    } catch (error) {
      if (asked === this.#asked) this.#reason = reasonOf(error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (document.visibilityState === 'visible') void this.refresh();
  }
}
