import { Injectable } from '@nestjs/common';
import { subjects, type LookupDefinition } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { encodeBody, parseBody } from './body.js';
import { Messaging } from './messaging.js';

/** Questions between services that change nothing and may stay without an answer. Whatever must not be lost is a message. */
@Injectable()
export class Lookups {
  constructor(private readonly messaging: Messaging) {}

  /**
   * Asks whichever replica takes the question. Undefined when nobody has answered within `timeoutMs`; at once where nobody is there.
   * @throws {InvalidMessageError} the answer does not fit
   */
  async ask<Schema extends z.ZodType>(
    { name, subject, answer }: LookupDefinition<Schema>,
    timeoutMs: number,
  ): Promise<z.output<Schema> | undefined> {
    const { connection, names, logger } = this.messaging;
    const reply = names.qualify(subjects.answer(randomUUID()));
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
    const subscription = connection.subscribe(reply, { max: 1, callback: (_error, message) => resolve(message?.data) });
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    try {
      connection.publish(names.qualify(subject), undefined, { reply });
      const data = await promise;
      // Without a body it is the server that says that nobody listens.
      return data === undefined || data.length === 0 ? undefined : parseBody(name, answer, data);
    } catch (error) {
      if (!connection.isClosed()) throw error;
      logger.debug({ lookup: name, error: messageOf(error) }, 'messaging.lookup-not-sent');
      return undefined;
    } finally {
      clearTimeout(timer);
      subscription.unsubscribe();
    }
  }

  /** Answers a question, one replica each. An answer that throws is none. Returns how to stop. */
  answer<Schema extends z.ZodType>(lookup: LookupDefinition<Schema>, find: () => Promise<z.input<Schema>>): () => void {
    const { connection, names } = this.messaging;
    const subscription = connection.subscribe(names.qualify(lookup.subject), {
      queue: lookup.name,
      callback: (_error, question) => void (question?.reply && this.#answer(lookup.name, question.reply, find)),
    });
    return () => subscription.unsubscribe();
  }

  async #answer(name: string, reply: string, find: () => Promise<unknown>): Promise<void> {
    try {
      this.messaging.connection.publish(reply, encodeBody(await find()));
    } catch (error) {
      this.messaging.logger.warn({ lookup: name, error: messageOf(error) }, 'messaging.lookup-failed');
    }
  }
}
