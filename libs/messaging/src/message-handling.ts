import type { JsMsg } from '@nats-io/jetstream';
import { STREAM_SETTINGS, type MessageDefinition } from '@tarsy/contracts';
import { codeOf, messageOf } from '@tarsy/core';
import { parseTraceparent, type OpenSpan } from '@tarsy/observability';
import type { z } from 'zod';
import { parseBody } from './body.js';
import type { ConsumerMetrics } from './consumer-metrics.js';
import type { DeadLetters } from './dead-letters.js';
import type { Delivery } from './delivery.js';
import { DeliveriesExhaustedError, DeliveryLostError, ShuttingDownError } from './messaging.errors.js';
import type { Messaging } from './messaging.js';
import { originOf, type Origin } from './origin.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { referenceOf } from './payload-store.js';
import { reportProgress } from './progress.js';
import { attributesOf } from './message-spans.js';
import { MESSAGE_ID_HEADER, TRACEPARENT_HEADER } from './stream-writer.js';

export type MessageHandler<Schema extends z.ZodType> = (payload: z.output<Schema>, delivery: Delivery) => Promise<void>;

export interface HandlingOptions<Schema extends z.ZodType> {
  readonly messaging: Messaging;
  readonly deadLetters: DeadLetters;
  readonly metrics: ConsumerMetrics;
  readonly definition: MessageDefinition<Schema>;
  readonly durable: string;
  readonly ackWaitMs: number;
  readonly maxDeliver: number;
  readonly handler: MessageHandler<Schema>;
  /** Aborted with a {@link ShuttingDownError} when the grace time is over. */
  readonly shutdown: AbortSignal;
}

/** Takes one delivery from arrival to its acknowledgement. Never rejects. */
export class MessageHandling<Schema extends z.ZodType> {
  readonly #abort = new AbortController();
  #settled = false;

  constructor(
    private readonly message: JsMsg,
    private readonly options: HandlingOptions<Schema>,
  ) {}

  async run(): Promise<void> {
    const { metrics, durable, shutdown, messaging, ackWaitMs } = this.options;
    if (this.#attempt > 1) metrics.redeliveries.inc({ consumer: durable });
    const stopTimer = metrics.seconds.startTimer({ consumer: durable });
    const stopProgress = reportProgress(
      () => [this.message],
      ackWaitMs,
      () => messaging.isConnected(),
      () =>
        this.#abort.abort(new DeliveryLostError(`${this.message.subject} ${this.message.seq} may be elsewhere now`)),
    );
    const stopNow = (): void => this.#abort.abort(shutdown.reason);
    if (shutdown.aborted) stopNow();
    shutdown.addEventListener('abort', stopNow, { once: true });
    try {
      const outcome = await this.#handle();
      await this.#settle(outcome);
    } catch (error) {
      messaging.logger.error({ consumer: durable, error: messageOf(error) }, 'messaging.settle-failed');
    } finally {
      shutdown.removeEventListener('abort', stopNow);
      stopProgress();
      stopTimer();
    }
  }

  /** Gives the message to another replica although the handler still runs; what the handler does later is ignored. */
  abandon(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.message.nak();
    this.#count('abandoned');
  }

  get #origin(): Origin {
    const { subject, seq: sequence, headers } = this.message;
    return originOf({ subject, sequence, headers }, this.options.messaging.names);
  }

  get #attempt(): number {
    return this.message.info.deliveryCount;
  }

  async #handle(): Promise<Outcome> {
    const { maxDeliver, durable, messaging } = this.options;
    try {
      if (this.#attempt > maxDeliver)
        throw new DeliveriesExhaustedError(`${durable} got the message ${this.#attempt} times without an end`);
      await this.#callHandler();
      return { kind: 'done' };
    } catch (error) {
      const outcome = outcomeOf(error, this.#attempt, maxDeliver);
      messaging.logger.warn(
        {
          consumer: durable,
          ...this.#origin,
          attempt: this.#attempt,
          outcome: outcome.kind,
          code: codeOf(error),
          error: messageOf(error),
        },
        'messaging.handling-failed',
      );
      return outcome;
    }
  }

  /** The span of the hop lasts as long as the handling: its trace is in everything that the handler logs and publishes. */
  async #callHandler(): Promise<void> {
    const { definition, durable, messaging } = this.options;
    const { headers } = this.message;
    const parent = parseTraceparent(headers?.get(TRACEPARENT_HEADER));
    const attributes = { 'messaging.consumer.group.name': durable, 'tarsy.attempt': this.#attempt };
    await messaging.tracing.inSpan(
      {
        name: `process ${definition.name}`,
        kind: 'consumer',
        // A message that no service of ours wrote has none of our ids.
        isFromOutside: (headers?.get(MESSAGE_ID_HEADER) ?? '') === '',
        attributes: attributesOf(definition, 'process', undefined, attributes),
        ...(parent === undefined ? {} : { parent }),
      },
      (span) => this.#callHandlerIn(span),
    );
  }

  async #callHandlerIn(span: OpenSpan): Promise<void> {
    const { messaging, definition, handler } = this.options;
    const { message } = this;
    const body = await messaging.payloads.resolve(message.data, message.headers);
    const payload = parseBody(definition.name, definition.schema, body);
    const traceparent = message.headers?.get(TRACEPARENT_HEADER) || undefined;
    const delivery: Delivery = {
      ...this.#origin,
      attempt: this.#attempt,
      publishedAt: message.time,
      signal: this.#abort.signal,
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    span.set(attributesOf(definition, 'process', payload));
    await handler(payload, delivery);
  }

  async #settle(outcome: Outcome): Promise<void> {
    if (this.#settled) return;
    this.#settled = true;
    const { reason } = this.#abort.signal;
    if (outcome.kind === 'done') {
      await this.#acknowledge();
    } else if (outcome.kind === 'lost' || reason instanceof DeliveryLostError) {
      this.#count('lost');
    } else if (reason instanceof ShuttingDownError) {
      this.message.nak();
      this.#count('abandoned');
    } else if (outcome.kind === 'retry') {
      this.message.nak(outcome.delayMs);
      this.#count('retry');
    } else {
      await this.#setAside(outcome);
    }
  }

  /** A body in the object store goes only after JetStream confirmed: a redelivery would still need it. */
  async #acknowledge(): Promise<void> {
    const { messaging, definition } = this.options;
    this.#count('done');
    const isQueue = STREAM_SETTINGS[definition.stream].retention === 'workqueue';
    if (!isQueue || referenceOf(this.message.headers) === undefined) return this.message.ack();
    const confirmed = await this.message.ackAck({ timeout: 5_000 }).catch(() => false);
    if (confirmed) await messaging.payloads.discard(this.message.headers).catch(() => undefined);
  }

  async #setAside(outcome: Outcome & { kind: 'reject' }): Promise<void> {
    const { deadLetters, definition, durable, messaging } = this.options;
    try {
      await deadLetters.publish({
        stream: definition.stream,
        subject: this.message.subject,
        sequence: this.message.seq,
        publishedAt: this.message.time,
        consumer: durable,
        attempts: this.#attempt,
        errorCode: outcome.code,
        errorMessage: outcome.reason,
        headers: this.message.headers,
        data: this.message.data,
      });
    } catch (error) {
      // Rather too often than lost: without a dead letter the message stays where it is.
      messaging.logger.error({ consumer: durable, error: messageOf(error) }, 'messaging.dead-letter-failed');
      this.message.nak(5_000);
      this.#count('retry');
      return;
    }
    this.message.term(outcome.code);
    this.#count('dead_letter');
  }

  #count(outcome: string): void {
    this.options.metrics.handled.inc({ consumer: this.options.durable, outcome });
  }
}
