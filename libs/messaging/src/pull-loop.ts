import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilDeparture } from './departure.js';
import type { Slots } from './slots.js';

const PULL_EXPIRES_MS = 10_000;
const PULL_HEARTBEAT_MS = 3_000;
/** A pull that is not over by now is stuck; the messages it may have been sent come again after their ack wait. */
const PULL_STUCK_MS = PULL_EXPIRES_MS + 3 * PULL_HEARTBEAT_MS;

export interface PullLoopOptions {
  readonly name: string;
  readonly slots: Slots;
  readonly logger: Logger;
  /** Creates the consumer where it is missing. */
  readonly open: () => Promise<Consumer>;
  /** Must not reject; its slot is free again when it resolves. */
  readonly handle: (message: JsMsg) => Promise<void>;
}

/** Asks for as many messages as there are free slots and never for more, so that none waits in a buffer while its ack wait runs. */
export class PullLoop {
  #stopping = false;
  #consumer: Consumer | undefined;
  #pull: ConsumerMessages | undefined;
  #running: Promise<void> | undefined;

  constructor(private readonly options: PullLoopOptions) {}

  /** @throws whatever opening the consumer throws */
  async start(): Promise<void> {
    this.#consumer = await this.options.open();
    this.#running = this.#run();
  }

  /** Resolves when nothing more will be handed to `handle`; what runs goes on. */
  async stopPulling(): Promise<void> {
    this.#stopping = true;
    this.options.slots.wake();
    void this.#pull?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { slots, logger, name, open } = this.options;
    for (let failures = 0; !this.#stopping;) {
      if (slots.free < 1) {
        await slots.changed();
        // Others may become free in the same moment: one pull for all of them.
        await untilDeparture();
        continue;
      }
      try {
        this.#consumer ??= await open();
        await this.#pullOnce(this.#consumer);
        failures = 0;
      } catch (error) {
        if (this.#stopping) return;
        failures++;
        // The consumer may have been deleted: the next round creates it again.
        this.#consumer = undefined;
        logger.warn({ consumer: name, failures, error: messageOf(error) }, 'messaging.pull-failed');
        await sleep(Math.min(5_000, 100 * 2 ** Math.min(failures, 6)));
      }
    }
  }

  async #pullOnce(consumer: Consumer): Promise<void> {
    const { slots, handle } = this.options;
    const pull = await consumer.fetch({
      max_messages: slots.free,
      expires: PULL_EXPIRES_MS,
      idle_heartbeat: PULL_HEARTBEAT_MS,
    });
    this.#pull = pull;
    if (this.#stopping) void pull.close();
    const stuck = setTimeout(() => void pull.close(), PULL_STUCK_MS);
    try {
      for await (const message of pull) {
        if (this.#stopping) {
          message.nak();
          continue;
        }
        slots.take();
        void handle(message).finally(() => slots.release());
      }
    } finally {
      clearTimeout(stuck);
      this.#pull = undefined;
    }
  }
}
