import { BadRequestException, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { DeadLettersView } from '@tarsy/contracts';
import { authorOf, type RequestHeaders } from '../http/author.js';
import { Answers, AnswersNothing, Parameters } from '../http/open-api.js';
import { DeadLettersService } from './dead-letters.service.js';

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 200;

/** For operators: what was set aside, and what becomes of it. */
@ApiTags('system')
@Controller('system/dead-letters')
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLettersService) {}

  @Get()
  @Parameters('limit', 'before')
  @Answers('DeadLetters', { errors: [400] })
  list(@Query('limit') limitText?: string, @Query('before') beforeText?: string): Promise<DeadLettersView> {
    const limit = Math.min(positive('limit', limitText) ?? DEFAULT_LIMIT, LARGEST_LIMIT);
    return this.deadLetters.list(limit, positive('before', beforeText));
  }

  /** Hands the message to its consumer once more. */
  @Post(':sequence/replay')
  @HttpCode(204)
  @AnswersNothing([400, 404, 503])
  replay(@Param('sequence') sequence: string, @Headers() headers: RequestHeaders): Promise<void> {
    return this.deadLetters.replay(positive('sequence', sequence)!, authorOf(headers));
  }

  /** Deletes the message for good. */
  @Delete(':sequence')
  @HttpCode(204)
  @AnswersNothing([400, 404, 503])
  discard(@Param('sequence') sequence: string, @Headers() headers: RequestHeaders): Promise<void> {
    return this.deadLetters.discard(positive('sequence', sequence)!, authorOf(headers));
  }
}

function positive(field: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new BadRequestException(`validation error on field '${field}': "${text}" is not a positive number`);
  return value;
}
