import { BadRequestException, Inject, Injectable, NotFoundException } from '@nestjs/common';
import { STREAM_SETTINGS, type DeadLettersView } from '@tarsy/contracts';
import { DeadLetters, MessageRefusedError, type DeadLetter } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';

const LARGEST_BODY_CHARACTERS = 16_384;

/** Messages that were set aside. Whoever changes them is written to the log of this service. */
@Injectable()
export class DeadLettersService {
  constructor(
    private readonly deadLetters: DeadLetters,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param beforeSequence The last sequence of the page before; absent reads the newest. */
  async list(limit: number, beforeSequence?: number): Promise<DeadLettersView> {
    const letters = await this.deadLetters.list({ limit, ...(beforeSequence === undefined ? {} : { beforeSequence }) });
    return {
      dead_letters: letters.map(deadLetterView),
      next_before: letters.length === limit ? letters.at(-1)!.sequence : null,
    };
  }

  /**
   * @throws {NotFoundException} no such dead letter
   * @throws {BadRequestException} it comes from a log, where a second copy would be a second event
   */
  async replay(sequence: number, author: string): Promise<void> {
    const letter = await this.#find(sequence);
    await refusalAsBadRequest(this.deadLetters.replay(sequence));
    this.#record('dead_letter.replayed', letter, author);
  }

  /** @throws {NotFoundException} no such dead letter */
  async discard(sequence: number, author: string): Promise<void> {
    const letter = await this.#find(sequence);
    await refusalAsBadRequest(this.deadLetters.discard(sequence));
    this.#record('dead_letter.discarded', letter, author);
  }

  async #find(sequence: number): Promise<DeadLetter> {
    const [letter] = await this.deadLetters.list({ limit: 1, beforeSequence: sequence + 1 });
    if (letter?.sequence !== sequence) throw new NotFoundException('resource not found');
    return letter;
  }

  #record(event: string, { sequence, stream, subject, messageId, errorCode }: DeadLetter, author: string): void {
    this.logger.info({ author, sequence, stream, subject, messageId, code: errorCode }, event);
  }
}

async function refusalAsBadRequest(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (error instanceof MessageRefusedError) throw new BadRequestException(error.message, { cause: error });
    throw error;
  }
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
  can_replay: STREAM_SETTINGS[letter.stream]?.retention === 'workqueue',
});
