import { ConflictException, Injectable, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { cancelSession, commandReplySchema, type CancelAnswer } from '@tarsy/contracts';
import { Clock, newId } from '@tarsy/core';
import { MessagePublisher, Messaging, MessagingUnavailableError, QueueFullError } from '@tarsy/messaging';

const LONGEST_WAIT_MS = 5_000;

/** Asks chain-runner to stop a session and tells what it answered. */
@Injectable()
export class CancellationService {
  constructor(
    private readonly messaging: Messaging,
    private readonly publisher: MessagePublisher,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws {NotFoundException} no such session
   * @throws {ConflictException} the session is not running
   * @throws {ServiceUnavailableException} not stored, or no answer within 5 s; a stored command is carried out all the same
   */
  async cancel(sessionId: string, requestedBy: string): Promise<CancelAnswer> {
    const replyTo = this.messaging.newReplySubject();
    await this.#publish(sessionId, requestedBy, replyTo);
    const reply = await this.messaging.awaitReply(replyTo, commandReplySchema, LONGEST_WAIT_MS);
    switch (reply?.kind) {
      case 'accepted':
        return { session_id: sessionId, message: 'Session cancellation requested' };
      case 'not_found':
        throw new NotFoundException('resource not found');
      case 'conflict':
        throw new ConflictException(reply.message);
      case undefined:
        throw new ServiceUnavailableException('cancellation was stored but not confirmed yet; check the session');
    }
  }

  async #publish(sessionId: string, requestedBy: string, replyTo: string): Promise<void> {
    const requestedAt = this.clock.nowIso();
    const command = { commandId: newId(this.clock.nowMs()), sessionId, requestedBy, requestedAt, replyTo };
    try {
      await this.publisher.publish(cancelSession, command);
    } catch (error) {
      if (error instanceof MessagingUnavailableError || error instanceof QueueFullError)
        throw new ServiceUnavailableException('the command could not be stored', { cause: error });
      throw error;
    }
  }
}
