import {
  BadRequestException,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { DeadLettersView, QueuesView } from '@tarsy/contracts';
import { DeadLetters, MessageRefusedError, QueueInspector, type DeadLetter } from '@tarsy/messaging';
import { Answers, AnswersErrors, Parameters } from '../http/open-api.js';

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 200;
const LARGEST_BODY_CHARACTERS = 16_384;

/** For operators: what waits, and what was set aside. */
@ApiTags('system')
@Controller('system')
export class QueuesController {
  constructor(
    private readonly queues: QueueInspector,
    private readonly deadLetters: DeadLetters,
  ) {}

  @Get('queues')
  @Answers('Queues')
  async streams(): Promise<QueuesView> {
    const streams = await this.queues.streams();
    return {
      streams: streams.map(({ consumers, ...stream }) => ({
        ...stream,
        consumers: consumers.map(({ ackPending, ...consumer }) => ({ ...consumer, ack_pending: ackPending })),
      })),
    };
  }

  @Get('dead-letters')
  @Parameters('limit', 'before')
  @Answers('DeadLetters', { errors: [400] })
  async list(@Query('limit') limitText?: string, @Query('before') beforeText?: string): Promise<DeadLettersView> {
    const limit = Math.min(positive('limit', limitText) ?? DEFAULT_LIMIT, LARGEST_LIMIT);
    const beforeSequence = positive('before', beforeText);
    const letters = await this.deadLetters.list({ limit, ...(beforeSequence === undefined ? {} : { beforeSequence }) });
    return {
      dead_letters: letters.map(deadLetterView),
      next_before: letters.length === limit ? letters.at(-1)!.sequence : null,
    };
  }

  /** Hands the message to its consumer once more. */
  @Post('dead-letters/:sequence/replay')
  @HttpCode(204)
  @AnswersErrors([404])
  replay(@Param('sequence') sequence: string): Promise<void> {
    return this.#change(sequence, (number) => this.deadLetters.replay(number));
  }

  @Delete('dead-letters/:sequence')
  @HttpCode(204)
  @AnswersErrors([404])
  discard(@Param('sequence') sequence: string): Promise<void> {
    return this.#change(sequence, (number) => this.deadLetters.discard(number));
  }

  async #change(text: string, change: (sequence: number) => Promise<void>): Promise<void> {
    const sequence = positive('sequence', text)!;
    const [letter] = await this.deadLetters.list({ limit: 1, beforeSequence: sequence + 1 });
    if (letter?.sequence !== sequence) throw new NotFoundException('resource not found');
    try {
      await change(sequence);
    } catch (error) {
      if (error instanceof MessageRefusedError) throw new BadRequestException(error.message);
      throw error;
    }
  }
}

function positive(field: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new BadRequestException(`validation error on field '${field}': "${text}" is not a positive number`);
  return value;
}

const deadLetterView = (letter: DeadLetter): DeadLettersView['dead_letters'][number] => ({
  sequence: letter.sequence,
  dead_at: letter.deadAt.toISOString(),
  stream: letter.stream,
  subject: letter.subject,
  original_sequence: letter.originalSequence,
  message_id: letter.messageId,
  consumer: letter.consumer,
  attempts: letter.attempts,
  error_code: letter.errorCode,
  error_message: letter.errorMessage,
  body: letter.body.slice(0, LARGEST_BODY_CHARACTERS),
});
