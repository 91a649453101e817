import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../language-model.js';
import { CallTimeoutError, FirstTokenTimeoutError, StallTimeoutError } from '../language-model.errors.js';

/** Milliseconds, each. */
export interface TimeLimits {
  readonly firstTokenTimeoutMs: number;
  /** Longest silence between two events once the answer began. */
  readonly stallTimeoutMs: number;
  readonly llmCallTimeoutMs: number;
}

/** Ends a call that takes too long; the connection to the vendor is closed then. */
export class TimeLimitedLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;

  constructor(
    private readonly inner: LanguageModel,
    private readonly limits: TimeLimits,
  ) {
    super();
    this.provider = inner.provider;
    this.model = inner.model;
  }

  /** @throws {FirstTokenTimeoutError} {@link StallTimeoutError} {@link CallTimeoutError} */
  override async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    const watch = new Watch(this.limits, this.provider);
    try {
      for await (const event of this.inner.stream(request, AbortSignal.any([signal, watch.signal]))) {
        watch.pause();
        yield event;
        watch.resume();
      }
    } finally {
      watch.pause();
    }
  }
}

/** One timer for whichever limit comes first. Paused while the reader works: that silence is not the vendor's. */
class Watch {
  readonly #abort = new AbortController();
  readonly #endsAtMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: TimeLimits,
    private readonly provider: string,
  ) {
    this.#endsAtMs = performance.now() + limits.llmCallTimeoutMs;
    const { firstTokenTimeoutMs } = limits;
    this.#start(firstTokenTimeoutMs, (ms) => new FirstTokenTimeoutError(`${provider} sent nothing in ${ms} ms`));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  resume(): void {
    const { stallTimeoutMs } = this.limits;
    this.#start(stallTimeoutMs, (ms) => new StallTimeoutError(`${this.provider} stopped in the middle for ${ms} ms`));
  }

  #start(limitMs: number, errorOf: (ms: number) => Error): void {
    const leftMs = this.#endsAtMs - performance.now();
    this.#timer = setTimeout(
      () => {
        const error =
          leftMs < limitMs
            ? new CallTimeoutError(`${this.provider} did not finish in ${this.limits.llmCallTimeoutMs} ms`)
            : errorOf(limitMs);
        this.#abort.abort(error);
      },
      Math.max(0, Math.min(limitMs, leftMs)),
    );
  }
}
