import { context, createContextKey, trace, TraceFlags, type Context, type SpanContext } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { parseTraceParent } from '@opentelemetry/core';
import { codeOf } from '@tarsy/core';
import { OpenSpan, type SpanStart } from './open-span.js';
import type { FinishedSpan } from './span.js';
import { randomSpanId, randomTraceId, spanIdOf, traceIdOfSession, type SpanSubject } from './trace-ids.js';

/** Where finished spans go. */
export interface SpanSink {
  isSampled(traceId: string): boolean;
  record(span: FinishedSpan): void;
  /** Never rejects. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const OPEN_SPAN = createContextKey('tarsy.open-span');

/**
 * Spans of one process. Without a sink nothing is recorded, but trace ids still travel with messages and into the logs.
 * Why spans are made when they end, and why their ids are derived: docs/adr/0010-one-trace-per-session.md
 */
export class Tracing {
  constructor(private readonly sink?: SpanSink) {}

  /** Whether spans are exported. */
  get isRecording(): boolean {
    return this.sink !== undefined;
  }

  /** Where the span of a session, or of a part of it, is or will be. Any process may name it as a parent. */
  contextOf(sessionId: string, subject: SpanSubject = { session: sessionId }): SpanContext {
    const traceId = traceIdOfSession(sessionId);
    return { traceId, spanId: spanIdOf(subject), traceFlags: this.#flagsOf(traceId) };
  }

  /** A place for a span below `parent`, or for the first one of a new trace. */
  newContext(parent: SpanContext | undefined, spanId: string = randomSpanId()): SpanContext {
    const traceId = parent?.traceId ?? randomTraceId();
    return { traceId, spanId, traceFlags: parent?.traceFlags ?? this.#flagsOf(traceId) };
  }

  /** Opens a span; the caller ends it. */
  open(start: SpanStart): OpenSpan {
    const parent = start.parent ?? currentSpanContext();
    return new OpenSpan(start, this.newContext(parent, start.spanId), parent, (span) => this.record(span));
  }

  /** Runs `run` inside the span: what it publishes and logs carries the span's trace. The span stays open. */
  runIn<Result>(span: OpenSpan, run: () => Result): Result {
    return context.with(withSpan(span), run);
  }

  /** Runs `run` inside a new span that ends with it; an error's code makes it a failed one. */
  async inSpan<Result>(start: SpanStart, run: (span: OpenSpan) => Promise<Result>): Promise<Result> {
    const span = this.open(start);
    try {
      return await this.runIn(span, () => run(span));
    } catch (error) {
      span.fail(codeOf(error));
      throw error;
    } finally {
      span.end();
    }
  }

  /**
   * What happens for a session belongs to its trace: the parent for a span that is about to begin, and a link to what runs now where
   * that is part of another session. A request from outside moves to the session's trace itself.
   */
  placeInSession(sessionId: string): { parent: SpanContext; links: readonly SpanContext[] } {
    const session = this.contextOf(sessionId);
    openSpan()?.moveTo(session);
    const current = currentSpanContext();
    if (current?.traceId === session.traceId) return { parent: current, links: [] };
    return { parent: session, links: current === undefined ? [] : [current] };
  }

  /** For spans whose start and end are known from elsewhere. */
  record(span: FinishedSpan): void {
    if ((span.context.traceFlags & TraceFlags.SAMPLED) !== 0) this.sink?.record(span);
  }

  /** Sends what is waiting. Never rejects; failures are counted. */
  async flush(): Promise<void> {
    await this.sink?.flush();
  }

  /** Sends what is waiting, within a few seconds, and ends. */
  async stop(): Promise<void> {
    await this.sink?.stop();
  }

  #flagsOf(traceId: string): TraceFlags {
    return (this.sink?.isSampled(traceId) ?? true) ? TraceFlags.SAMPLED : TraceFlags.NONE;
  }
}

/** Makes trace context follow asynchronous calls. Call once per process, before anything is handled; repeating it is a no-op. */
export function installTraceContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** Of the W3C header; undefined where it can not be read. */
export function parseTraceparent(traceparent: string | undefined): SpanContext | undefined {
  return parseTraceParent(traceparent ?? '') ?? undefined;
}

/** W3C `traceparent` of what runs now; undefined outside of a trace. */
export function currentTraceparent(): string | undefined {
  const current = currentSpanContext();
  if (current === undefined) return undefined;
  return `00-${current.traceId}-${current.spanId}-0${(current.traceFlags & TraceFlags.SAMPLED).toString(16)}`;
}

/** Lower-case hex trace id of what runs now. */
export function currentTraceId(): string | undefined {
  return currentSpanContext()?.traceId;
}

function currentSpanContext(): SpanContext | undefined {
  return trace.getSpanContext(context.active());
}

function openSpan(): OpenSpan | undefined {
  return context.active().getValue(OPEN_SPAN) as OpenSpan | undefined;
}

function withSpan(span: OpenSpan): Context {
  return trace.setSpanContext(context.active(), span.context).setValue(OPEN_SPAN, span);
}
