import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { AppError, codeOf, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import type { FastifyReply } from 'fastify';

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** Errors of ours that mean "not now". Everything else of ours that reaches HTTP unmapped is a fault of the service. */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set(['QUEUE_FULL', 'MESSAGING_UNAVAILABLE']);
const INTERNAL: Answer = { status: 500, message: 'internal server error' };

/** Answers every error as `{"message": "<text>"}`; what is not meant for callers stays in the log. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const answer = answerFor(error);
    if (answer.status >= 500) {
      const { method, url } = reply.request;
      const stack = error instanceof Error ? error.stack : undefined;
      this.logger.error({ method, url, code: codeOf(error), error: messageOf(error), stack }, 'http.failed');
    }
    if (reply.sent || reply.raw.headersSent) return;
    if (answer.retryAfterMs !== undefined) void reply.header('Retry-After', Math.ceil(answer.retryAfterMs / 1_000));
    void reply.status(answer.status).send({ message: answer.message });
  }
}

export function answerFor(error: unknown): Answer {
  if (error instanceof HttpException) return { status: error.getStatus(), message: textOf(error) };
  if (error instanceof AppError && UNAVAILABLE_CODES.has(error.code))
    return { status: 503, message: 'service is busy, try again later', retryAfterMs: error.retryAfterMs ?? 5_000 };
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  // Fastify's own refusals: a body that is too large or no JSON.
  if (typeof status === 'number' && status >= 400 && status < 500) return { status, message: messageOf(error) };
  return INTERNAL;
}

/** Nest keeps texts in several shapes. */
function textOf(error: HttpException): string {
  const response = error.getResponse();
  const message: unknown = typeof response === 'object' && 'message' in response ? response.message : response;
  return Array.isArray(message) ? message.join('; ') : typeof message === 'string' ? message : error.message;
}
