import {
  BadRequestException,
  Inject,
  Injectable,
  NotFoundException,
  ServiceUnavailableException,
} from '@nestjs/common';
import { commandReplySchema, settleDeadLetter, type DeadLettersView, type SettleDeadLetter } from '@tarsy/contracts';
import { Clock, newId } from '@tarsy/core';
import {
  DeadLetters,
  MessagePublisher,
  Messaging,
  MessagingUnavailableError,
  QueueFullError,
  type DeadLetter,
} from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';

const LONGEST_WAIT_MS = 5_000;
const LARGEST_BODY_CHARACTERS = 16_384;

/** Messages that were set aside. Whoever changes them is written to the log of this service. */
@Injectable()
export class DeadLettersService {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly messaging: Messaging,
    private readonly publisher: MessagePublisher,
    private readonly clock: Clock,
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
   * @throws {BadRequestException} it can not be put back
   * @throws {ServiceUnavailableException} not stored, or no answer within 5 s; a stored command is carried out all the same
   */
  async replay(sequence: number, author: string): Promise<void> {
    const letter = await this.#find(sequence);
    await this.#settle(sequence, 'replay', author);
    this.#record('dead_letter.replayed', letter, author);
  }

  /** Throws as {@link replay}. */
  async discard(sequence: number, author: string): Promise<void> {
    const letter = await this.#find(sequence);
    await this.#settle(sequence, 'discard', author);
    this.#record('dead_letter.discarded', letter, author);
  }

  /** By chain-runner: a process that people reach may not put messages into every queue. */
  async #settle(sequence: number, action: SettleDeadLetter['action'], requestedBy: string): Promise<void> {
    const replyTo = this.messaging.newReplySubject();
    const requestedAt = this.clock.nowIso();
    const command = { commandId: newId(this.clock.nowMs()), sequence, action, requestedBy, requestedAt, replyTo };
    try {
      await this.publisher.publish(settleDeadLetter, command);
    } catch (error) {
      if (error instanceof MessagingUnavailableError || error instanceof QueueFullError)
        throw new ServiceUnavailableException('the command could not be stored', { cause: error });
      throw error;
    }
    const reply = await this.messaging.awaitReply(replyTo, commandReplySchema, LONGEST_WAIT_MS);
    if (reply?.kind === 'not_found') throw new NotFoundException('resource not found');
    if (reply?.kind === 'conflict') throw new BadRequestException(reply.message);
    if (reply === undefined) throw new ServiceUnavailableException('the command was stored but not confirmed yet');
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
  can_replay: letter.canReplay,
});
