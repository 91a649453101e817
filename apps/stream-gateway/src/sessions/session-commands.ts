import { ConflictException, Injectable, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { commandReplySchema, type CommandReply, type MessageDefinition } from '@tarsy/contracts';
import { Clock, newId } from '@tarsy/core';
import { MessagePublisher, Messaging, MessagingUnavailableError, QueueFullError } from '@tarsy/messaging';
import type { z } from 'zod';

const LONGEST_WAIT_MS = 5_000;

/** What is the same in every command of a person. */
export interface PersonCommand {
  readonly commandId: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly replyTo: string;
}

/** Stores commands for chain-runner and tells what it answered. */
@Injectable()
export class SessionCommands {
  constructor(
    private readonly messaging: Messaging,
    private readonly publisher: MessagePublisher,
    private readonly clock: Clock,
  ) {}

  /**
   * Resolves once chain-runner has accepted the command.
   *
   * @throws {NotFoundException} no such session, or no such execution in it
   * @throws {ConflictException} its state does not allow the command
   * @throws {ServiceUnavailableException} not stored, or no answer within 5 s; a stored command is carried out all the same
   */
  async send<Schema extends z.ZodType>(
    definition: MessageDefinition<Schema>,
    requestedBy: string,
    commandOf: (common: PersonCommand) => z.output<Schema>,
  ): Promise<void> {
    settle(await this.ask(definition, requestedBy, commandOf, commandReplySchema));
  }

  /**
   * As {@link send}, for commands with an answer of their own.
   *
   * @throws {ServiceUnavailableException} not stored, or no answer within 5 s; a stored command is carried out all the same
   */
  async ask<Schema extends z.ZodType, Reply>(
    definition: MessageDefinition<Schema>,
    requestedBy: string,
    commandOf: (common: PersonCommand) => z.output<Schema>,
    replySchema: z.ZodType<Reply>,
  ): Promise<Reply> {
    const replyTo = this.messaging.newReplySubject();
    const commandId = newId(this.clock.nowMs());
    await this.#publish(definition, commandOf({ commandId, requestedBy, requestedAt: this.clock.nowIso(), replyTo }));
    const reply = await this.messaging.awaitReply(replyTo, replySchema, LONGEST_WAIT_MS);
    if (reply === undefined)
      throw new ServiceUnavailableException('the command was stored but not confirmed yet; check the session');
    return reply;
  }

  async #publish<Schema extends z.ZodType>(
    definition: MessageDefinition<Schema>,
    command: z.output<Schema>,
  ): Promise<void> {
    try {
      await this.publisher.publish(definition, command);
    } catch (error) {
      if (error instanceof MessagingUnavailableError || error instanceof QueueFullError)
        throw new ServiceUnavailableException('the command could not be stored', { cause: error });
      throw error;
    }
  }
}

function settle(reply: CommandReply): void {
  switch (reply.kind) {
    case 'accepted':
      return;
    case 'not_found':
      throw new NotFoundException('resource not found');
    case 'conflict':
      throw new ConflictException(reply.message);
  }
}
