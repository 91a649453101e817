import { headers as newHeaders } from '@nats-io/nats-core';
import { Injectable } from '@nestjs/common';
import { CLAIM_CHECK_BYTES, STREAM_SETTINGS, type MessageDefinition, type StreamName } from '@tarsy/contracts';
import { codeOf, messageOf } from '@tarsy/core';
import { Metrics, type Counter } from '@tarsy/observability';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { checkBody, encodeBody } from './body.js';
import { MessageRefusedError } from './messaging.errors.js';
import { Messaging } from './messaging.js';
import { attributesOf, sessionOf } from './message-spans.js';
import { QueueLimit } from './queue-limit.js';
import { store, WrongLastSequence, type StoreRequest } from './stream-writer.js';

export interface PublishResult {
  /** Position in the stream; for a duplicate that of the first copy. */
  readonly sequence: number;
  /** True when the stream already had a message of this id. */
  readonly duplicate: boolean;
}

/** Marks one call of {@link MessagePublisher.publishOnce}, so that a repeated try recognises what the first one stored. */
const WRITER_HEADER = 'Tarsy-Writer';

/**
 * Puts messages into their streams. Every method checks the payload first, sends the definition's message id, and returns only
 * after JetStream stored the message; bodies over `CLAIM_CHECK_BYTES` travel by reference.
 *
 * Errors of every method: {@link QueueFullError} and {@link MessagingUnavailableError} (both retryable),
 * {@link InvalidMessageError} and {@link MessageRefusedError} (not).
 */
@Injectable()
export class MessagePublisher {
  readonly #failures: Counter<'stream' | 'code'>;
  readonly #limit: QueueLimit;

  constructor(
    private readonly messaging: Messaging,
    metrics: Metrics = new Metrics(),
  ) {
    this.#limit = new QueueLimit(messaging);
    this.#failures = metrics.counter('tarsy_publish_errors_total', 'Messages that could not be published.', [
      'stream',
      'code',
    ]);
  }

  async publish<Schema extends z.ZodType>(
    definition: MessageDefinition<Schema>,
    payload: z.output<Schema>,
  ): Promise<PublishResult> {
    return await this.#counted(definition, payload, async () => {
      const request = this.#requestFor(definition, payload);
      const { seq, duplicate } = await store(this.messaging, request);
      this.#tell(definition, payload, request);
      return { sequence: seq, duplicate };
    });
  }

  /**
   * Stores now; JetStream delivers to the definition's subject at `at`, at once when that has passed. An earlier schedule of the
   * same `scheduleId` (one subject token) is replaced. Only for streams with `allowSchedules`.
   */
  async publishAt<Schema extends z.ZodType>(
    definition: MessageDefinition<Schema>,
    payload: z.output<Schema>,
    at: Date,
    scheduleId: string,
  ): Promise<void> {
    await this.#counted(definition, payload, async () => {
      const request = this.#requestFor(definition, payload);
      const headers = newHeaders();
      headers.set('Nats-Schedule', `@at ${at.toISOString()}`);
      headers.set('Nats-Schedule-Target', request.subject);
      await store(this.messaging, {
        ...request,
        headers,
        subject: this.messaging.names.qualify(scheduleSubject(definition, scheduleId)),
        deduplicationId: `${request.messageId}:at:${at.getTime()}`,
      });
    });
  }

  /** Stores only if the subject holds no message yet; false when it does. Whoever is first wins, for as long as the stream keeps it. */
  async publishOnce<Schema extends z.ZodType>(
    definition: MessageDefinition<Schema>,
    payload: z.output<Schema>,
  ): Promise<boolean> {
    return await this.#counted(definition, payload, async () => {
      const request = this.#requestFor(definition, payload);
      const writer = randomUUID();
      const headers = newHeaders();
      headers.set(WRITER_HEADER, writer);
      try {
        const { duplicate } = await store(this.messaging, { ...request, headers, expectedLastSubjectSequence: 0 });
        if (!duplicate) this.#tell(definition, payload, request);
        return !duplicate;
      } catch (error) {
        if (!(error instanceof WrongLastSequence)) throw error;
        const isOurs = await this.#isFrom(writer, definition, request.subject);
        if (isOurs) this.#tell(definition, payload, request);
        return isOurs;
      }
    });
  }

  /** Whoever waits for the message hears of it at once; that it is stored was confirmed. */
  #tell<Schema extends z.ZodType>(
    { name, notice }: MessageDefinition<Schema>,
    payload: z.output<Schema>,
    { body }: StoreRequest,
  ): void {
    if (notice === undefined) return;
    try {
      const subject = this.messaging.names.qualify(notice(payload));
      this.messaging.connection.publish(subject, body.length > CLAIM_CHECK_BYTES ? undefined : body);
    } catch (error) {
      this.messaging.logger.debug({ message: name, error: messageOf(error) }, 'messaging.notice-not-sent');
    }
  }

  async #isFrom(writer: string, definition: { stream: StreamName }, subject: string): Promise<boolean> {
    const stream = this.messaging.names.stream(definition.stream);
    const stored = await this.messaging.manager.streams.getMessage(stream, { last_by_subj: subject });
    return stored?.header.get(WRITER_HEADER) === writer;
  }

  #requestFor<Schema extends z.ZodType>(
    definition: MessageDefinition<Schema>,
    payload: z.output<Schema>,
  ): StoreRequest {
    const checked = checkBody(definition.name, definition.schema, payload);
    return {
      subject: this.messaging.names.qualify(definition.subject(checked)),
      body: encodeBody(checked),
      messageId: definition.messageId(checked),
    };
  }

  /** Inside the span of the hop, whose place travels with the message. */
  async #counted<Result>(
    definition: { name: string; stream: StreamName },
    payload: unknown,
    publish: () => Promise<Result>,
  ): Promise<Result> {
    const { tracing } = this.messaging;
    const sessionId = sessionOf(payload);
    const place = sessionId === undefined ? {} : tracing.placeInSession(sessionId);
    const attributes = attributesOf(definition, 'send', payload);
    try {
      await this.#limit.assertRoom(definition.stream);
      return await tracing.inSpan({ name: `send ${definition.name}`, kind: 'producer', attributes, ...place }, publish);
    } catch (error) {
      this.#failures.inc({ stream: definition.stream, code: codeOf(error) });
      throw error;
    }
  }
}

/** @throws {MessageRefusedError} the stream has no schedules, or the id is not one subject token */
function scheduleSubject({ name, stream }: { name: string; stream: StreamName }, id: string): string {
  const { allowSchedules, subjects } = STREAM_SETTINGS[stream];
  if (!allowSchedules) throw new MessageRefusedError(`${name} can not be delayed: stream ${stream} has no schedules`);
  if (!/^[^\s.*>]+$/.test(id)) throw new MessageRefusedError(`schedule id "${id}" is not one subject token`);
  return `${subjects[0]!.replace(/>$/, '')}schedule.${id}`;
}
