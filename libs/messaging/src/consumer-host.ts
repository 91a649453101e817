import { AckPolicy, DeliverPolicy, JetStreamApiError, type Consumer } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { Injectable } from '@nestjs/common';
import { subjects, type MessageDefinition, type StreamName } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { Metrics } from '@tarsy/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { BatchLoop } from './batch-loop.js';
import type { BatchConsumeOptions, ConsumeOptions } from './consume.js';
import { ConsumerMetrics } from './consumer-metrics.js';
import { DeadLetters } from './dead-letters.js';
import type { RawDelivery } from './delivery.js';
import { MessageHandling, type MessageHandler } from './message-handling.js';
import { InvalidConsumerError, ShuttingDownError } from './messaging.errors.js';
import { Messaging } from './messaging.js';
import { PullLoop } from './pull-loop.js';
import { Slots } from './slots.js';

/** A consumer that pulls and handles until it is stopped. */
export interface RunningConsumer {
  /** Stops pulling and resolves when every running handler has settled. */
  stop(): Promise<void>;
}

interface Worker extends RunningConsumer {
  stopPulling(): Promise<void>;
  untilIdle(): Promise<void>;
  abandon(): void;
}

/** After the grace time: how long an aborted handler may take to end. */
const ABORT_GRACE_MS = 2_000;
const OVERLAPPING_FILTERS = new Set([10099, 10100, 10138]);
/** Of the server: the consumer is there with other settings (https://github.com/nats-io/nats-server/blob/main/server/errors.json). */
const OTHER_SETTINGS = 10148;

/** Runs the durable consumers of this process: the only place where a message is acknowledged. */
@Injectable()
export class ConsumerHost {
  readonly #workers = new Map<string, Worker>();
  readonly #shutdown = new AbortController();
  readonly #metrics: ConsumerMetrics;

  constructor(
    private readonly messaging: Messaging,
    private readonly deadLetters: DeadLetters = new DeadLetters(messaging),
    metrics: Metrics = new Metrics(),
  ) {
    this.#metrics = new ConsumerMetrics(metrics);
  }

  /**
   * Creates the durable consumer or takes part in it, and calls `handler` for each message, checked against the definition's schema.
   * A handler that resolves acknowledges; see {@link outcomeOf} for one that throws. A body that does not fit goes to the dead letters.
   * @throws {InvalidConsumerError} the durable runs here already, or its filters are missing or overlap with another's
   */
  async consume<Schema extends z.ZodType>(
    definition: MessageDefinition<Schema>,
    options: ConsumeOptions,
    handler: MessageHandler<Schema>,
  ): Promise<RunningConsumer> {
    const { durable, ackWaitMs = 10_000, maxDeliver = 5, concurrency = 16 } = options;
    const filterSubjects = options.filterSubjects ?? [onlySubjectOf(definition)];
    const slots = new Slots(concurrency);
    const handlings = new Set<MessageHandling<Schema>>();
    const settings = {
      messaging: this.messaging,
      deadLetters: this.deadLetters,
      metrics: this.#metrics,
      definition,
      durable,
      ackWaitMs,
      maxDeliver,
      handler,
      shutdown: this.#shutdown.signal,
    };
    const loop = new PullLoop({
      name: durable,
      slots,
      logger: this.messaging.logger,
      open: () => this.#open(definition.stream, { durable, ackWaitMs, filterSubjects, deliver: 'all' }),
      handle: async (message) => {
        const handling = new MessageHandling(message, settings);
        handlings.add(handling);
        await handling.run();
        handlings.delete(handling);
      },
    });
    return await this.#start(definition.stream, durable, loop, {
      stopPulling: () => loop.stopPulling(),
      untilIdle: () => slots.untilIdle(),
      abandon: () => handlings.forEach((handling) => handling.abandon()),
    });
  }

  /**
   * Hands messages over in batches, in the order of the stream, one batch at a time, and acknowledges all of a batch when the handler
   * resolves. A batch that fails is tried again here, with growing pauses and then message by message, so that none is overtaken;
   * only a message that fails alone with a non-retryable {@link AppError} goes to the dead letters.
   * @throws {InvalidConsumerError} as {@link consume}
   */
  async consumeBatches(
    stream: StreamName,
    options: BatchConsumeOptions,
    handler: (batch: RawDelivery[]) => Promise<void>,
  ): Promise<RunningConsumer> {
    const { durable, filterSubjects, deliver = 'all', ackWaitMs = 10_000, maxBatch = 500, maxWaitMs = 100 } = options;
    const loop = new BatchLoop({
      messaging: this.messaging,
      deadLetters: this.deadLetters,
      metrics: this.#metrics,
      stream,
      durable,
      ackWaitMs,
      maxBatch,
      maxWaitMs,
      handler,
      shutdown: this.#shutdown.signal,
      open: () => this.#open(stream, { durable, ackWaitMs, filterSubjects, deliver }),
    });
    return await this.#start(stream, durable, loop, {
      stopPulling: () => loop.stopPulling(),
      untilIdle: () => loop.untilIdle(),
      abandon: () => loop.abandon(),
    });
  }

  /** `<STREAM>/<durable>` of what runs here. */
  get durables(): readonly string[] {
    return [...this.#workers.keys()];
  }

  /** Stops pulling everywhere, lets handlers finish for `graceMs`, then aborts them; what has not ended 2 s later goes to others. */
  async shutdown(graceMs: number): Promise<void> {
    const workers = [...this.#workers.values()];
    await Promise.all(workers.map((worker) => worker.stopPulling()));
    const idle = Promise.all(workers.map((worker) => worker.untilIdle())).then(() => true);
    if (await Promise.race([idle, sleep(graceMs, false)])) return;
    this.#shutdown.abort(new ShuttingDownError('the service stops'));
    if (await Promise.race([idle, sleep(ABORT_GRACE_MS, false)])) return;
    for (const worker of workers) worker.abandon();
  }

  async #start(
    stream: StreamName,
    durable: string,
    loop: { start(): Promise<void> },
    parts: Omit<Worker, 'stop'>,
  ): Promise<RunningConsumer> {
    const key = `${stream}/${durable}`;
    if (this.#workers.has(key)) throw new InvalidConsumerError(`consumer ${key} has two handlers in this process`);
    const worker: Worker = {
      ...parts,
      stop: async () => {
        await parts.stopPulling();
        await parts.untilIdle();
        this.#workers.delete(key);
      },
    };
    this.#workers.set(key, worker);
    try {
      await loop.start();
    } catch (error) {
      this.#workers.delete(key);
      throw error;
    }
    this.messaging.logger.debug({ stream, consumer: durable }, 'messaging.consumer-started');
    return worker;
  }

  async #open(
    stream: StreamName,
    {
      durable,
      ackWaitMs,
      filterSubjects,
      deliver,
    }: Required<Pick<BatchConsumeOptions, 'durable' | 'ackWaitMs' | 'filterSubjects' | 'deliver'>>,
  ): Promise<Consumer> {
    const isSessionLog = stream === 'SESSIONS';
    const filters = [...filterSubjects, ...(isSessionLog ? [subjects.redelivery(durable)] : [])];
    const qualified = filters.map((subject) => this.messaging.names.qualify(subject));
    const [only, ...more] = qualified;
    const streamName = this.messaging.names.stream(stream);
    const { consumers } = this.messaging.manager;
    const settings = {
      ack_wait: nanos(ackWaitMs),
      // The host counts attempts: a limit here would strand a message whose last try killed its process.
      max_deliver: -1,
      // Each process pulls only what it has slots for; a common limit would make replicas wait for each other.
      max_ack_pending: -1,
      // Both are said, so that one takes the place of the other where the consumer is there already.
      ...(more.length > 0
        ? { filter_subjects: qualified, filter_subject: '' }
        : { filter_subject: only ?? '', filter_subjects: undefined }),
    };
    try {
      const info = await consumers
        .add(streamName, {
          durable_name: durable,
          deliver_policy: deliver === 'new' ? DeliverPolicy.New : DeliverPolicy.All,
          ack_policy: AckPolicy.Explicit,
          ...settings,
        })
        .catch((error: unknown) => {
          // Left by another version of this service: what it has to deliver stays.
          if (error instanceof JetStreamApiError && error.code === OTHER_SETTINGS)
            return consumers.update(streamName, durable, settings);
          throw error;
        });
      return this.messaging.jetstream.consumers.getConsumerFromInfo(info);
    } catch (error) {
      if (error instanceof JetStreamApiError && OVERLAPPING_FILTERS.has(error.code))
        throw new InvalidConsumerError(
          `consumer ${durable} of ${stream} overlaps with another one: ${filterSubjects.join(', ')} (${messageOf(error)})`,
          { cause: error },
        );
      throw error;
    }
  }
}

/** @throws {InvalidConsumerError} the subject depends on the payload, so the consumer must say which part it wants */
function onlySubjectOf<Schema extends z.ZodType>(definition: MessageDefinition<Schema>): string {
  const nothing = new Proxy({}, { get: () => { throw new TypeError('depends on the payload'); } }); // prettier-ignore
  try {
    return definition.subject(nothing as z.output<Schema>);
  } catch {
    throw new InvalidConsumerError(
      `consuming ${definition.name} needs filterSubjects: its subject depends on the payload`,
    );
  }
}
