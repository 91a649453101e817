import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { MessagingUnavailableError, QueueFullError } from '@tarsy/messaging';
import { describe, expect, it } from 'vitest';
import { answerFor } from './error-filter.js';

describe(answerFor.name, () => {
  it('gives the text of an HTTP exception in whatever shape it was made', () => {
    expect(answerFor(new NotFoundException('no such session'))).toEqual({ status: 404, message: 'no such session' });
    expect(answerFor(new BadRequestException(['a', 'b']))).toEqual({ status: 400, message: 'a; b' });
    expect(answerFor(new HttpException({ message: 'taken' }, 409))).toEqual({ status: 409, message: 'taken' });
  });

  it('answers a full queue and an absent NATS with 503 and when to come back', () => {
    expect(answerFor(new QueueFullError('full', { retryAfterMs: 2_000 }))).toMatchObject({
      status: 503,
      retryAfterMs: 2_000,
    });
    expect(answerFor(new MessagingUnavailableError('away'))).toMatchObject({ status: 503, retryAfterMs: 5_000 });
  });

  it('passes a refusal of the HTTP server on', () => {
    expect(answerFor(Object.assign(new Error('body too large'), { statusCode: 413 }))).toEqual({
      status: 413,
      message: 'body too large',
    });
  });

  it('tells nothing about an unknown error', () => {
    expect(answerFor(new Error('password=hunter2'))).toEqual({ status: 500, message: 'internal server error' });
  });
});
