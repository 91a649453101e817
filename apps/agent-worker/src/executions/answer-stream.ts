import type { StreamChunk } from '@tarsy/contracts';
import { AnswerTooLongError, LoopDetectedError } from './executions.errors.js';
import { endsInRepetition } from './repetition.js';

/** Pieces of this many milliseconds go out together. */
const BATCH_MS = 20;
/** A viewer who missed a piece has the whole text again after this time. */
const SNAPSHOT_EVERY_MS = 10_000;
/** Characters of one part; far more than any model writes in one answer. */
const LONGEST_PART = 1_000_000;
/** So many new characters of text, and it is looked at for repetition. */
const LOOK_EVERY = 2_000;

export type AnswerPart = StreamChunk['part'];
type Place = Omit<StreamChunk, 'part' | 'offset' | 'delta'>;

/** Collects one model's answer while it streams, and shows it to viewers in small batches. */
export class AnswerStream {
  readonly #texts: Record<AnswerPart, string> = { thinking: '', text: '' };
  readonly #published: Record<AnswerPart, number> = { thinking: 0, text: 0 };
  #snapshotAtMs = performance.now() + SNAPSHOT_EVERY_MS;
  #lookAt = LOOK_EVERY;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly place: Place,
    private readonly publish: (chunk: StreamChunk) => void,
  ) {}

  get thinking(): string {
    return this.#texts.thinking;
  }

  get text(): string {
    return this.#texts.text;
  }

  /** @throws {LoopDetectedError} {@link AnswerTooLongError} */
  add(part: AnswerPart, delta: string): void {
    if (delta === '') return;
    this.#texts[part] += delta;
    if (this.#texts[part].length > LONGEST_PART)
      throw new AnswerTooLongError(`the answer has more than ${LONGEST_PART} characters`);
    this.#lookForLoop();
    this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  /** Publishes what has not been published yet. Call it before the answer is journaled. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (performance.now() >= this.#snapshotAtMs) {
      this.#snapshotAtMs = performance.now() + SNAPSHOT_EVERY_MS;
      this.#published.thinking = this.#published.text = 0;
    }
    for (const part of ['thinking', 'text'] as const) this.#publishRest(part);
  }

  #lookForLoop(): void {
    if (this.text.length < this.#lookAt) return;
    this.#lookAt = this.text.length + LOOK_EVERY;
    if (endsInRepetition(this.text)) throw new LoopDetectedError('the answer repeats itself');
  }

  #publishRest(part: AnswerPart): void {
    const offset = this.#published[part];
    const text = this.#texts[part];
    if (text.length === offset) return;
    this.#published[part] = text.length;
    this.publish({ ...this.place, part, offset, delta: text.slice(offset) });
  }
}
