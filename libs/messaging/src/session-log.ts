import { Injectable } from '@nestjs/common';
import { subjectFilters, subjects } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { Messaging } from './messaging.js';
import { referenceOf } from './payload-store.js';
import { parseSessionLogMessage, type SessionLogMessage } from './session-log-message.js';
import { followStream, type StoredMessage } from './stream-reader.js';

/** Reads the log of sessions, the stream `SESSIONS`. A message that can not be read is logged and left out. */
@Injectable()
export class SessionLog {
  constructor(private readonly messaging: Messaging) {}

  /** Every message of one session after a stream sequence (0: from the start), then live until the signal aborts. */
  async *follow(sessionId: string, afterSequence: number, signal: AbortSignal): AsyncGenerator<SessionLogMessage> {
    yield* this.#read(subjects.session(sessionId), afterSequence + 1, signal);
  }

  /** All lifecycle events of every session that are published after the call of `next()`. */
  async *followLifecycles(signal: AbortSignal): AsyncGenerator<SessionLogMessage> {
    const { last_seq: last } = (await this.messaging.manager.streams.info(this.#stream)).state;
    yield* this.#read(subjectFilters.lifecycles, last + 1, signal);
  }

  /** Of the session's newest message; 0 if there is none. */
  async lastSequence(sessionId: string): Promise<number> {
    const subject = this.messaging.names.qualify(subjects.session(sessionId));
    return (await this.messaging.manager.streams.getMessage(this.#stream, { last_by_subj: subject }))?.seq ?? 0;
  }

  /**
   * Whether a tool call has its result.
   * @param isLikely Asks the leader of the stream, who knows for certain; otherwise any replica, who answers sooner.
   */
  async hasToolResult(sessionId: string, executionId: string, callId: string, isLikely = true): Promise<boolean> {
    const query = { last_by_subj: this.messaging.names.qualify(subjects.toolResult(sessionId, executionId, callId)) };
    const { streams, direct } = this.messaging.manager;
    return (await (isLikely ? streams : direct).getMessage(this.#stream, query)) !== null;
  }

  /** Removes one session's log with the bodies it refers to; for sessions that have ended and are in the database. */
  async purge(sessionId: string): Promise<void> {
    const filter = this.messaging.names.qualify(subjects.session(sessionId));
    const consumer = await this.messaging.jetstream.consumers.get(this.#stream, {
      filter_subjects: filter,
      headers_only: true,
    });
    if ((await consumer.info(true)).num_pending > 0) {
      const messages = await consumer.consume({ max_messages: 256 });
      for await (const message of messages) {
        if (referenceOf(message.headers) !== undefined) await this.messaging.payloads.discard(message.headers);
        if (message.info.pending === 0) break;
      }
    }
    await consumer.delete().catch(() => false);
    await this.messaging.manager.streams.purge(this.#stream, { filter });
  }

  get #stream(): string {
    return this.messaging.names.stream('SESSIONS');
  }

  async *#read(filterSubject: string, fromSequence: number, signal: AbortSignal): AsyncGenerator<SessionLogMessage> {
    for await (const stored of followStream(this.messaging, {
      stream: 'SESSIONS',
      filterSubject,
      fromSequence,
      signal,
    })) {
      const message = this.#parse(stored);
      if (message !== undefined) yield message;
    }
  }

  #parse({ subject, sequence, publishedAt, data }: StoredMessage): SessionLogMessage | undefined {
    try {
      return { sequence, publishedAt, ...parseSessionLogMessage(subject, data) };
    } catch (error) {
      this.messaging.logger.error({ subject, sequence, error: messageOf(error) }, 'messaging.session-log-unreadable');
      return undefined;
    }
  }
}
