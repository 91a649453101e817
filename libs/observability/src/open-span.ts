import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { FinishedSpan, SpanKind } from './span.js';

export interface SpanStart {
  readonly name: string;
  /** Default `internal`. */
  readonly kind?: SpanKind;
  /** Default: what runs now; without that the span begins a trace. */
  readonly parent?: SpanContext;
  /** Default: a random one. */
  readonly spanId?: string;
  /** Milliseconds since 1970, UTC. Default: now. */
  readonly startedAtMs?: number;
  readonly attributes?: Attributes;
  readonly links?: readonly SpanContext[];
  /** Somebody outside asked for this: the span moves to the trace of the session that comes of it. */
  readonly isFromOutside?: boolean;
}

/** Work that goes on. It is nothing but this object until it ends, so one that never ends leaves nothing behind. */
export class OpenSpan {
  name: string;
  readonly #start: SpanStart;
  readonly #startedAtMs: number;
  readonly #openedAtMs = Date.now();
  readonly #clockMs = performance.now();
  readonly #links: SpanContext[];
  #parent: SpanContext | undefined;
  #attributes: Attributes;
  #errorType: string | undefined;
  #isMovable: boolean;
  #isOver = false;

  constructor(
    start: SpanStart,
    /** Changes when the span moves: whoever holds it sees the new trace. */
    readonly context: SpanContext,
    parent: SpanContext | undefined,
    private readonly record: (span: FinishedSpan) => void,
  ) {
    this.name = start.name;
    this.#start = start;
    this.#startedAtMs = start.startedAtMs ?? this.#openedAtMs;
    this.#links = [...(start.links ?? [])];
    this.#attributes = start.attributes ?? {};
    this.#parent = parent;
    this.#isMovable = start.isFromOutside ?? false;
  }

  set(attributes: Attributes): void {
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  /** @param errorType A code, never a message. */
  fail(errorType: string): void {
    this.#errorType = errorType;
  }

  /** Makes the span a child of `parent` in another trace, with a link to where it came from; once, and only if it is from outside. */
  moveTo(parent: SpanContext): void {
    if (!this.#isMovable) return;
    this.#isMovable = false;
    if (this.#parent !== undefined) this.#links.push(this.#parent);
    this.#parent = parent;
    this.context.traceId = parent.traceId;
    this.context.traceFlags = parent.traceFlags;
  }

  /** Hands the span over for export; a second call is a no-op. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { kind } = this.#start;
    this.record({
      name: this.name,
      context: this.context,
      startedAtMs: this.#startedAtMs,
      // Measured, not read from the wall clock, which may have been set meanwhile.
      endedAtMs: this.#openedAtMs + performance.now() - this.#clockMs,
      attributes: this.#attributes,
      links: this.#links,
      ...(kind === undefined ? {} : { kind }),
      ...(this.#parent === undefined ? {} : { parent: this.#parent }),
      ...(this.#errorType === undefined ? {} : { errorType: this.#errorType }),
    });
  }

  /** Nothing is exported: the work goes on elsewhere, and its span with it. */
  discard(): void {
    this.#isOver = true;
  }
}
