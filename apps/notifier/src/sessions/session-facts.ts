import { Injectable } from '@nestjs/common';
import { MessagingUnavailableError, SessionLog, type Delivery } from '@tarsy/messaging';

const READ_LIMIT_MS = 5_000;

/** What the beginning of a session's log says. */
@Injectable()
export class SessionFacts {
  constructor(private readonly log: SessionLog) {}

  /**
   * The text that finds the alert's thread in Slack, if the alert came with one.
   * @throws {MessagingUnavailableError}
   */
  async fingerprintOf(sessionId: string, delivery: Delivery): Promise<string | undefined> {
    const signal = AbortSignal.any([delivery.signal, AbortSignal.timeout(READ_LIMIT_MS)]);
    for await (const message of this.log.follow(sessionId, 0, signal)) {
      if (message.kind === 'lifecycle' && message.event.type === 'session-created')
        return message.event.slackMessageFingerprint?.trim() || undefined;
      if (message.sequence >= delivery.sequence) return undefined;
    }
    delivery.signal.throwIfAborted();
    // A log that was removed has no beginning any more; one that is there could not be read.
    if ((await this.log.lastSequence(sessionId)) < delivery.sequence) return undefined;
    throw new MessagingUnavailableError(`the log of session ${sessionId} could not be read`);
  }
}
