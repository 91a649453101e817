import type { Consumer, JsMsg } from '@nats-io/jetstream';
import type { StreamName } from '@tarsy/contracts';
import { AppError, codeOf, messageOf } from '@tarsy/core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerMetrics } from './consumer-metrics.js';
import type { DeadLetters } from './dead-letters.js';
import type { RawDelivery } from './delivery.js';
import type { Messaging } from './messaging.js';
import { originOf } from './origin.js';
import { reportProgress } from './progress.js';
import { Slots } from './slots.js';
import { PullLoop } from './pull-loop.js';

export interface BatchLoopOptions {
  readonly messaging: Messaging;
  readonly deadLetters: DeadLetters;
  readonly metrics: ConsumerMetrics;
  readonly stream: StreamName;
  readonly durable: string;
  readonly ackWaitMs: number;
  readonly maxBatch: number;
  readonly maxWaitMs: number;
  readonly handler: (batch: RawDelivery[]) => Promise<void>;
  readonly shutdown: AbortSignal;
  readonly open: () => Promise<Consumer>;
}

interface Waiting {
  readonly message: JsMsg;
  readonly settled: () => void;
}

const LONGEST_PAUSE_MS = 10_000;
/** A batch that failed this often is taken apart. */
const WHOLE_BATCH_TRIES = 3;

/** Collects messages and hands them over in order, one batch at a time. At most two batches are in memory. */
export class BatchLoop {
  readonly #slots: Slots;
  readonly #loop: PullLoop;
  readonly #waiting: Waiting[] = [];
  readonly #unsettled = new Set<JsMsg>();
  #flushing = false;
  #abandoned = false;
  #timer: NodeJS.Timeout | undefined;
  #stopProgress: (() => void) | undefined;

  constructor(private readonly options: BatchLoopOptions) {
    this.#slots = new Slots(2 * options.maxBatch);
    this.#loop = new PullLoop({
      name: options.durable,
      slots: this.#slots,
      logger: options.messaging.logger,
      open: options.open,
      handle: (message) => this.#add(message),
    });
  }

  async start(): Promise<void> {
    await this.#loop.start();
    this.#reportProgress();
  }

  async stopPulling(): Promise<void> {
    await this.#loop.stopPulling();
    this.#flush();
  }

  async untilIdle(): Promise<void> {
    await this.#slots.untilIdle();
    this.#stopProgress?.();
  }

  /** Gives everything that is not settled back to the stream. */
  abandon(): void {
    this.#abandoned = true;
    this.#stopProgress?.();
    clearTimeout(this.#timer);
    for (const message of this.#unsettled) message.nak();
    this.#unsettled.clear();
  }

  #reportProgress(): void {
    const { ackWaitMs, messaging } = this.options;
    // Lost deliveries come again and handlers are idempotent by sequence: go on, and start to report again.
    this.#stopProgress = reportProgress(
      () => this.#unsettled,
      ackWaitMs,
      () => messaging.isConnected(),
      () => this.#reportProgress(),
    );
  }

  #add(message: JsMsg): Promise<void> {
    const { maxBatch, maxWaitMs } = this.options;
    return new Promise((settled) => {
      this.#waiting.push({ message, settled });
      this.#unsettled.add(message);
      if (this.#waiting.length >= maxBatch) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), maxWaitMs);
    });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#flushing) return;
    this.#flushing = true;
    void this.#handleWaiting().finally(() => {
      this.#flushing = false;
      if (this.#waiting.length > 0) this.#flush();
    });
  }

  async #handleWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.options.maxBatch);
      const stopTimer = this.options.metrics.seconds.startTimer({ consumer: this.options.durable });
      if (!(await this.#tryBatch(batch.map(({ message }) => message))))
        for (const { message } of batch) await this.#tryAlone(message);
      stopTimer();
      for (const { settled } of batch) settled();
    }
  }

  async #tryBatch(messages: JsMsg[]): Promise<boolean> {
    for (let attempt = 1; attempt <= WHOLE_BATCH_TRIES && !this.#stopsNow(); attempt++) {
      try {
        await this.#handle(messages);
        return true;
      } catch (error) {
        this.#logFailure(error, attempt, messages.length);
        if (messages.length === 1 || isFinal(error)) return false;
        await this.#pause(attempt);
      }
    }
    return false;
  }

  async #tryAlone(message: JsMsg): Promise<void> {
    for (let attempt = 1; !this.#stopsNow(); attempt++) {
      try {
        return await this.#handle([message]);
      } catch (error) {
        this.#logFailure(error, attempt, 1);
        if (isFinal(error) && (await this.#setAside(message, error))) return;
        await this.#pause(attempt);
      }
    }
    this.#unsettled.delete(message);
    message.nak();
  }

  async #handle(messages: JsMsg[]): Promise<void> {
    const { messaging, handler, metrics, durable } = this.options;
    const batch: RawDelivery[] = [];
    for (const message of messages)
      batch.push({
        ...originOf({ subject: message.subject, sequence: message.seq, headers: message.headers }, messaging.names),
        attempt: message.info.deliveryCount,
        publishedAt: message.time,
        data: await messaging.payloads.resolve(message.data, message.headers),
      });
    await handler(batch);
    for (const message of messages) {
      this.#unsettled.delete(message);
      if (!this.#abandoned) message.ack();
    }
    metrics.handled.inc({ consumer: durable, outcome: 'done' }, messages.length);
  }

  async #setAside(message: JsMsg, error: unknown): Promise<boolean> {
    const { deadLetters, stream, durable, metrics } = this.options;
    try {
      await deadLetters.publish({
        stream,
        subject: message.subject,
        sequence: message.seq,
        publishedAt: message.time,
        consumer: durable,
        attempts: message.info.deliveryCount,
        errorCode: codeOf(error),
        errorMessage: messageOf(error),
        headers: message.headers,
        data: message.data,
      });
    } catch (failure) {
      this.#logFailure(failure, 1, 1);
      return false;
    }
    this.#unsettled.delete(message);
    message.term(codeOf(error));
    metrics.handled.inc({ consumer: durable, outcome: 'dead_letter' });
    return true;
  }

  #stopsNow(): boolean {
    return this.#abandoned || this.options.shutdown.aborted;
  }

  async #pause(attempt: number): Promise<void> {
    await sleep(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** Math.min(attempt, 6)), undefined, {
      signal: this.options.shutdown,
    }).catch(() => undefined);
  }

  #logFailure(error: unknown, attempt: number, messages: number): void {
    const { messaging, durable } = this.options;
    messaging.logger.warn(
      { consumer: durable, attempt, messages, code: codeOf(error), error: messageOf(error) },
      'messaging.batch-failed',
    );
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof AppError && !error.retryable;
}
