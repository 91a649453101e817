import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { settleDeadLetter, subjects, type CommandReply, type SettleDeadLetter } from '@tarsy/contracts';
import { Consume, DeadLetters, MessageRefusedError, Messaging } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';

/**
 * Puts back, or throws away, what was set aside. A command that comes twice finds no dead letter the second time; a message that was put
 * back by a try that broke off has the same id again.
 */
@Controller()
export class DeadLettersConsumer {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly messaging: Messaging,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Consume(settleDeadLetter, {
    durable: 'chain-runner-dead-letters',
    filterSubjects: [subjects.command('settle-dead-letter')],
    ackWaitMs: 10_000,
    maxDeliver: 20,
    concurrency: 1,
  })
  async onSettle(@Payload() command: SettleDeadLetter): Promise<void> {
    const reply = await this.#settle(command);
    const { sequence, action, requestedBy } = command;
    this.logger.info({ sequence, action, author: requestedBy, reply: reply.kind }, 'dead_letter.settled');
    if (command.replyTo) this.messaging.reply(command.replyTo, reply);
  }

  async #settle({ sequence, action }: SettleDeadLetter): Promise<CommandReply> {
    if (!(await this.deadLetters.has(sequence))) return { kind: 'not_found' };
    try {
      if (action === 'replay') await this.deadLetters.replay(sequence);
      else await this.deadLetters.discard(sequence);
      return { kind: 'accepted' };
    } catch (error) {
      if (error instanceof MessageRefusedError) return { kind: 'conflict', message: error.message };
      throw error;
    }
  }
}
