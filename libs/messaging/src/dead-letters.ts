import type { StoredMsg } from '@nats-io/jetstream';
import { headers as newHeaders, type MsgHdrs } from '@nats-io/nats-core';
import { Injectable } from '@nestjs/common';
import { STREAM_SETTINGS, subjects, type StreamName } from '@tarsy/contracts';
import { Metrics, type Counter } from '@tarsy/observability';
import { ORIGIN_HEADER, originOf, setOrigin } from './origin.js';
import { MessageRefusedError } from './messaging.errors.js';
import { Messaging } from './messaging.js';
import { copyHeaders, PAYLOAD_REFERENCE_HEADER } from './payload-store.js';
import { MESSAGE_ID_HEADER, store, TRACEPARENT_HEADER } from './stream-writer.js';

/** A message that could not be handled, set aside with the reason. Kept for 30 days. */
export interface DeadLetter {
  /** Position among the dead letters. */
  readonly sequence: number;
  readonly deadAt: Date;
  readonly stream: StreamName;
  /** Unqualified, as in `subjects`. */
  readonly subject: string;
  /** Position in the stream it came from. */
  readonly originalSequence: number;
  /** False for a stream that this version does not know. */
  readonly canReplay: boolean;
  readonly messageId: string;
  /** Durable consumer that gave up. */
  readonly consumer: string;
  readonly attempts: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** UTF-8 text of the body; empty when a body that travelled by reference is gone. */
  readonly body: string;
}

/** What the consumer host knows about a message it gives up. */
export interface DeadLetterRequest {
  readonly stream: StreamName;
  /** Qualified. */
  readonly subject: string;
  readonly sequence: number;
  readonly publishedAt: Date;
  readonly consumer: string;
  readonly attempts: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly headers: MsgHdrs | undefined;
  /** As it travelled: empty where the headers carry a reference. */
  readonly data: Uint8Array;
}

const HEADER = {
  ...ORIGIN_HEADER,
  stream: 'Tarsy-Original-Stream',
  messageId: 'Tarsy-Original-Message-Id',
  consumer: 'Tarsy-Consumer',
  attempts: 'Tarsy-Attempts',
  errorCode: 'Tarsy-Error-Code',
  errorMessage: 'Tarsy-Error-Message',
} as const;

const KEPT_HEADERS: ReadonlySet<string> = new Set([PAYLOAD_REFERENCE_HEADER, TRACEPARENT_HEADER]);
const WINDOW = 256;

@Injectable()
export class DeadLetters {
  readonly #total: Counter<'stream'>;

  constructor(
    private readonly messaging: Messaging,
    metrics: Metrics = new Metrics(),
  ) {
    this.#total = metrics.counter('tarsy_dead_letters_total', 'Messages set aside after they could not be handled.', [
      'stream',
    ]);
  }

  /** Sets a message aside; the caller ends its delivery afterwards. Repeating it for the same message changes nothing. */
  async publish(request: DeadLetterRequest): Promise<void> {
    const headers = copyHeaders(request.headers, (name) => KEPT_HEADERS.has(name));
    const messageId = request.headers?.get(MESSAGE_ID_HEADER) || `${request.stream}:${request.sequence}`;
    const origin = originOf(request, this.messaging.names);
    headers.set(HEADER.subject, origin.subject);
    headers.set(HEADER.stream, request.stream);
    headers.set(HEADER.sequence, String(origin.sequence));
    headers.set(HEADER.messageId, messageId);
    headers.set(HEADER.consumer, request.consumer);
    headers.set(HEADER.attempts, String(request.attempts));
    headers.set(HEADER.errorCode, request.errorCode);
    headers.set(HEADER.errorMessage, oneLine(request.errorMessage));
    await store(this.messaging, {
      subject: this.messaging.names.qualify(subjects.deadLetter(request.stream)),
      body: request.data,
      messageId: `${request.stream}:${request.consumer}:${request.sequence}:${request.publishedAt.getTime()}:dead`,
      headers,
    });
    this.#total.inc({ stream: request.stream });
  }

  /** Newest first. `beforeSequence` is the last `sequence` of the page before. */
  async list(page: { limit: number; beforeSequence?: number }): Promise<DeadLetter[]> {
    const { first_seq: first, last_seq: last } = (await this.messaging.manager.streams.info(this.#stream)).state;
    const found: DeadLetter[] = [];
    let end = Math.min(last, (page.beforeSequence ?? Infinity) - 1);
    for (; end >= Math.max(1, first) && found.length < page.limit; end -= WINDOW) {
      const stored = await this.#window(Math.max(1, first, end - WINDOW + 1), end);
      for (const message of stored.reverse().slice(0, page.limit - found.length)) found.push(await this.#read(message));
    }
    return found;
  }

  async has(sequence: number): Promise<boolean> {
    return (await this.messaging.manager.streams.getMessage(this.#stream, { seq: sequence })) !== null;
  }

  /**
   * Hands the message over once more and removes the dead letter. A queue gets it on its original subject; of a log, where a second copy
   * would be a second event, only the consumer that gave it up gets it.
   * @throws {MessageRefusedError} no such dead letter, or of a stream that is not known here
   */
  async replay(sequence: number): Promise<void> {
    const message = await this.#require(sequence);
    const stream = message.header.get(HEADER.stream);
    if (!isKnown(stream))
      throw new MessageRefusedError(`dead letter ${sequence} comes from ${stream}, whatever that is`);
    const messageId = message.header.get(HEADER.messageId);
    const headers = copyHeaders(message.header, (name) => KEPT_HEADERS.has(name));
    const isLog = STREAM_SETTINGS[stream].retention !== 'workqueue';
    if (isLog) setOrigin(headers, message.header.get(HEADER.subject), Number(message.header.get(HEADER.sequence)));
    const subject = isLog
      ? subjects.redelivery(message.header.get(HEADER.consumer))
      : message.header.get(HEADER.subject);
    await store(this.messaging, {
      subject: this.messaging.names.qualify(subject),
      body: message.data,
      messageId,
      deduplicationId: `${messageId}:replay:${sequence}`,
      headers,
    });
    await this.messaging.manager.streams.deleteMessage(this.#stream, sequence);
  }

  /**
   * Removes the dead letter and its body for good.
   * @throws {MessageRefusedError} no such dead letter
   */
  async discard(sequence: number): Promise<void> {
    const message = await this.#require(sequence);
    await this.messaging.manager.streams.deleteMessage(this.#stream, sequence);
    const stream = message.header.get(HEADER.stream) as StreamName;
    // A log still refers to its bodies.
    if (STREAM_SETTINGS[stream]?.retention === 'workqueue') await this.messaging.payloads.discard(message.header);
  }

  get #stream(): string {
    return this.messaging.names.stream('DEADLETTERS');
  }

  async #require(sequence: number): Promise<StoredMsg> {
    const message = await this.messaging.manager.streams.getMessage(this.#stream, { seq: sequence });
    if (message === null) throw new MessageRefusedError(`there is no dead letter ${sequence}`);
    return message;
  }

  async #window(first: number, last: number): Promise<StoredMsg[]> {
    const stored: StoredMsg[] = [];
    const batch = await this.messaging.manager.direct.getBatch(this.#stream, { seq: first, batch: last - first + 1 });
    for await (const message of batch) if (message.seq <= last) stored.push(message);
    return stored;
  }

  async #read(message: StoredMsg): Promise<DeadLetter> {
    const header = message.header ?? newHeaders();
    const body = await this.messaging.payloads.resolve(message.data, header).catch(() => new Uint8Array());
    return {
      sequence: message.seq,
      deadAt: message.time,
      stream: header.get(HEADER.stream) as StreamName,
      subject: header.get(HEADER.subject),
      originalSequence: Number(header.get(HEADER.sequence)),
      canReplay: isKnown(header.get(HEADER.stream)),
      messageId: header.get(HEADER.messageId),
      consumer: header.get(HEADER.consumer),
      attempts: Number(header.get(HEADER.attempts)),
      errorCode: header.get(HEADER.errorCode),
      errorMessage: header.get(HEADER.errorMessage),
      body: new TextDecoder().decode(body),
    };
  }
}

function isKnown(stream: string): stream is StreamName {
  return stream in STREAM_SETTINGS;
}

/** A header value ends at the line's end. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 1_000);
}
