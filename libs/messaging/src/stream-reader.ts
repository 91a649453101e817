import {
  DeliverPolicy,
  type Consumer,
  type ConsumerMessages,
  type JsMsg,
  type OrderedConsumerOptions,
} from '@nats-io/jetstream';
import type { StreamName } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Messaging } from './messaging.js';

/** A stored message with its whole body. */
export interface StoredMessage {
  /** Unqualified. */
  readonly subject: string;
  readonly sequence: number;
  readonly publishedAt: Date;
  readonly messageId: string;
  readonly data: Uint8Array;
}

const BUFFERED_MESSAGES = 256;

/** Everything that the filter (unqualified) matches now, in the order of the stream. */
export async function readStored(
  messaging: Messaging,
  stream: StreamName,
  filterSubject: string,
): Promise<StoredMessage[]> {
  const consumer = await openOrdered(messaging, stream, filterSubject, 1);
  const stored: StoredMessage[] = [];
  try {
    // `info(true)` is what the server said when it made the consumer.
    if ((await consumer.info(true)).num_pending === 0) return stored;
    const messages = await consumer.consume({ max_messages: BUFFERED_MESSAGES });
    for await (const message of messages) {
      stored.push(await read(messaging, message));
      if (message.info.pending === 0) break;
    }
  } finally {
    await consumer.delete().catch(() => false);
  }
  return stored;
}

export interface FollowOptions {
  readonly stream: StreamName;
  /** Unqualified. */
  readonly filterSubject: string;
  /** First stream sequence to read. */
  readonly fromSequence: number;
  readonly signal: AbortSignal;
  /** For streams in memory, which begin again when the server does: read everything once more after a reconnect. */
  readonly rereadAfterReconnect?: boolean;
}

/** What is stored, then what comes, until the signal aborts. Goes on after reconnects; a message comes once, unless reread. */
export async function* followStream(messaging: Messaging, options: FollowOptions): AsyncGenerator<StoredMessage> {
  const { signal, rereadAfterReconnect = false } = options;
  let nextSequence = options.fromSequence;
  for (let failures = 0; !signal.aborted && !messaging.connection.isClosed();) {
    const reading = new Reading();
    const stop = (): void => reading.close();
    signal.addEventListener('abort', stop, { once: true });
    const forgetReconnect = rereadAfterReconnect
      ? messaging.onReconnect(() => {
          nextSequence = options.fromSequence;
          reading.close();
        })
      : undefined;
    try {
      for await (const message of reading.open(messaging, options, nextSequence)) {
        const stored = await read(messaging, message);
        nextSequence = stored.sequence + 1;
        failures = 0;
        yield stored;
        if (signal.aborted) return;
      }
    } catch (error) {
      failures++;
      messaging.logger.warn({ stream: options.stream, failures, error: messageOf(error) }, 'messaging.follow-failed');
    } finally {
      signal.removeEventListener('abort', stop);
      forgetReconnect?.();
      await reading.delete();
    }
    if (!signal.aborted) await sleep(Math.min(5_000, 50 * 2 ** failures), undefined, { signal }).catch(() => undefined);
  }
}

/** One ordered consumer from its creation to its end. */
class Reading {
  #closed = false;
  #consumer: Consumer | undefined;
  #messages: ConsumerMessages | undefined;

  async *open(messaging: Messaging, options: FollowOptions, fromSequence: number): AsyncGenerator<JsMsg> {
    this.#consumer = await openOrdered(messaging, options.stream, options.filterSubject, fromSequence);
    if (this.#closed) return;
    this.#messages = await this.#consumer.consume({ max_messages: BUFFERED_MESSAGES });
    if (this.#closed) return;
    yield* this.#messages;
  }

  close(): void {
    this.#closed = true;
    void this.#messages?.close();
  }

  async delete(): Promise<void> {
    this.close();
    await this.#consumer?.delete().catch(() => false);
  }
}

/** One filter, never a list: only then is the consumer's name part of the request's subject, where permissions can see it. */
async function openOrdered(
  messaging: Messaging,
  stream: StreamName,
  filterSubject: string,
  fromSequence: number,
): Promise<Consumer> {
  const options: Partial<OrderedConsumerOptions> = {
    filter_subjects: messaging.names.qualify(filterSubject),
    ...(fromSequence <= 1
      ? { deliver_policy: DeliverPolicy.All }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: fromSequence }),
  };
  return await messaging.jetstream.consumers.get(messaging.names.stream(stream), options);
}

async function read(messaging: Messaging, message: JsMsg): Promise<StoredMessage> {
  return {
    subject: messaging.names.unqualify(message.subject),
    sequence: message.seq,
    publishedAt: message.time,
    messageId: message.headers?.get('Nats-Msg-Id') ?? '',
    data: await messaging.payloads.resolve(message.data, message.headers),
  };
}
