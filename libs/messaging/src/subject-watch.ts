import type { Subscription } from '@nats-io/nats-core';
import { messageOf } from '@tarsy/core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Messaging } from './messaging.js';

export interface SubjectWatchOptions {
  /** Pause between looks that nothing caused, in milliseconds. */
  readonly everyMs: number;
  /** Reads the stream; true when it found something. Never runs twice at the same time. */
  readonly look: () => Promise<boolean>;
}

/** A message can be seen on its subject a moment before the stream has stored it. */
const NOT_STORED_YET_MS = [0, 5, 25, 100, 400];

/**
 * Looks into a stream when something is published on a subject. What is published is taken as a hint only, since JetStream may refuse
 * it; what counts is what the stream holds. Looks at once, after a reconnect and every `everyMs` too, so that no hint is needed.
 */
export class SubjectWatch {
  readonly #subscription: Subscription;
  readonly #timer: NodeJS.Timeout;
  readonly #forgetReconnect: () => void;
  #looking = false;
  #again: { hinted: boolean } | undefined;
  #stopped = false;

  constructor(
    private readonly messaging: Messaging,
    subject: string,
    private readonly options: SubjectWatchOptions,
  ) {
    this.#subscription = messaging.connection.subscribe(messaging.names.qualify(subject), {
      callback: () => this.#look(true),
    });
    this.#timer = setInterval(() => this.#look(false), options.everyMs);
    this.#forgetReconnect = messaging.onReconnect(() => this.#look(false));
    this.#look(false);
  }

  stop(): void {
    this.#stopped = true;
    this.#subscription.unsubscribe();
    clearInterval(this.#timer);
    this.#forgetReconnect();
  }

  #look(hinted: boolean): void {
    if (this.#looking) {
      this.#again = { hinted: hinted || this.#again?.hinted === true };
      return;
    }
    this.#looking = true;
    void this.#lookUntilFound(hinted ? NOT_STORED_YET_MS : [0])
      .catch((error: unknown) => {
        if (!this.#stopped) this.messaging.logger.debug({ error: messageOf(error) }, 'messaging.look-failed');
      })
      .finally(() => {
        this.#looking = false;
        const again = this.#again;
        this.#again = undefined;
        if (again !== undefined && !this.#stopped) this.#look(again.hinted);
      });
  }

  async #lookUntilFound(pausesMs: readonly number[]): Promise<void> {
    for (const pauseMs of pausesMs) {
      if (pauseMs > 0) await sleep(pauseMs);
      if (this.#stopped || (await this.options.look())) return;
    }
  }
}
