export { createLogger, createSilentLogger, type Logger, type LoggerOptions } from './logger.js';
export { DURATION_BUCKETS_SECONDS, Metrics, type Counter, type Gauge, type Histogram } from './metrics.js';
export { OpenSpan, type SpanStart } from './open-span.js';
export { placeOf, type Attributes, type FinishedSpan, type SpanContext, type SpanKind } from './span.js';
export { startTracing } from './start-tracing.js';
export { traceIdOfSession, type SpanSubject } from './trace-ids.js';
export {
  currentTraceId,
  currentTraceparent,
  installTraceContext,
  parseTraceparent,
  Tracing,
  type SpanSink,
} from './tracing.js';
