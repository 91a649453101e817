import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@tarsy/observability';

/** Nest's own messages as JSON lines. What Nest calls "log" is about its inner life, so it is `debug` here. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(message, rest), 'nest.message');
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(message, rest), 'nest.message');
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.trace(fieldsOf(message, rest), 'nest.message');
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(fieldsOf(message, rest), 'nest.message');
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(fieldsOf(message, rest), 'nest.message');
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.fatal(fieldsOf(message, rest), 'nest.message');
  }
}

/** The last argument is the class that speaks; one before it, if any, is a stack. */
function fieldsOf(message: unknown, rest: unknown[]): Record<string, unknown> {
  const [context, stack] = [rest.at(-1), rest.at(-2)];
  return {
    ...(message instanceof Error ? { message: message.message, stack: message.stack } : { message }),
    ...(typeof context === 'string' ? { context } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
  };
}
