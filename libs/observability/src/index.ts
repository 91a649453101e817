export { createLogger, createSilentLogger, type Logger, type LoggerOptions } from './logger.js';
export { DURATION_BUCKETS_SECONDS, Metrics, type Counter, type Gauge, type Histogram } from './metrics.js';
export { currentTraceId, currentTraceparent, installTracing, runInTrace } from './trace.js';
