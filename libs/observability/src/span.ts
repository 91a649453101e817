import type { Attributes, SpanContext } from '@opentelemetry/api';

export type { Attributes, SpanContext } from '@opentelemetry/api';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A span that has ended, ready for export. */
export interface FinishedSpan {
  readonly name: string;
  readonly kind?: SpanKind;
  /** Its own place: trace, id and whether it is sampled. */
  readonly context: SpanContext;
  readonly parent?: SpanContext;
  /** Milliseconds since 1970, UTC; fractions are kept. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes?: Attributes;
  readonly links?: readonly SpanContext[];
  /** A code such as `TIMEOUT`; its presence makes the span a failed one. Never a message: those may quote what is secret. */
  readonly errorType?: string;
}

/** Ids that a span names: each absent one is left out. */
export function placeOf(ids: {
  readonly sessionId?: string;
  readonly stageId?: string;
  readonly executionId?: string;
}): Attributes {
  return {
    ...(ids.sessionId === undefined ? {} : { 'tarsy.session.id': ids.sessionId }),
    ...(ids.stageId === undefined ? {} : { 'tarsy.stage.id': ids.stageId }),
    ...(ids.executionId === undefined ? {} : { 'tarsy.execution.id': ids.executionId }),
  };
}
