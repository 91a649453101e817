export { createLogger, createSilentLogger, type Logger, type LoggerOptions } from './logger.js';
export { Metrics, type Counter, type Gauge, type Histogram } from './metrics.js';
export { OpenSpan, type SpanStart } from './open-span.js';
export { placeOf, type Attributes, type FinishedSpan, type SpanContext, type SpanKind } from './span.js';
export { startTracing } from './start-tracing.js';
export type { SpanSubject } from './trace-ids.js';
export { currentTraceparent, parseTraceparent, Tracing, type SpanSink } from './tracing.js';
