import { pino, type Logger } from 'pino';
import { currentTraceId } from './tracing.js';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly app: string;
  readonly replica: string;
  /** pino level; default `info`. */
  readonly level?: string;
}

/** JSON lines on stdout, each with `app`, `replica` and, inside a traced handler, `traceId`. */
export function createLogger({ app, replica, level = 'info' }: LoggerOptions): Logger {
  return pino({
    level,
    base: { app, replica },
    messageKey: 'event',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const traceId = currentTraceId();
      return traceId === undefined ? {} : { traceId };
    },
    errorKey: 'error',
  });
}

/** Says nothing; for tests and tools. */
export function createSilentLogger(): Logger {
  return pino({ level: 'silent' });
}
