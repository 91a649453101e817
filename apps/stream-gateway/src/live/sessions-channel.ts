import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { codeOf, messageOf } from '@tarsy/core';
import { SessionLog } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { Broadcast } from './broadcast.js';
import { feedEvent, type FeedEvent } from './feed-event.js';
import { OverviewEvents } from './overview-events.js';
import type { Viewing } from './session-feed.js';

const LIMITS = { maxItems: 4_096, maxBytes: 4 * 1024 ** 2 };
const RETRY_DELAY_MS = 1_000;

/** What happens to all sessions, live only: read from the log while at least one viewer in this process wants it. */
@Injectable()
export class SessionsChannel implements OnApplicationShutdown {
  #broadcast = new Broadcast<FeedEvent>(LIMITS);
  #stop: AbortController | undefined;
  #viewers = 0;

  constructor(
    private readonly log: SessionLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Runs `view` with what happens from now on. */
  async watch<Result>(signal: AbortSignal, view: (viewing: Viewing) => Promise<Result>): Promise<Result> {
    this.#viewers += 1;
    this.#start();
    try {
      return await view({
        past: nothing(),
        live: this.#broadcast.read(this.#broadcast.position, signal),
        isOver: false,
        isEmpty: false,
      });
    } finally {
      this.#viewers -= 1;
      if (this.#viewers === 0) this.#halt();
    }
  }

  onApplicationShutdown(): void {
    this.#broadcast.close();
    this.#halt();
  }

  #start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#follow(this.#stop.signal);
  }

  #halt(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const overview = new OverviewEvents();
    while (!signal.aborted) {
      try {
        for await (const message of this.log.followLifecycles(signal)) {
          if (message.kind !== 'lifecycle') continue;
          for (const event of overview.of(message.event).map((each) => feedEvent(each)))
            this.#broadcast.publish(event, event.json.length);
        }
      } catch (error) {
        this.logger.warn({ code: codeOf(error), error: messageOf(error) }, 'sessions-channel.interrupted');
        await sleep(RETRY_DELAY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

async function* nothing(): AsyncGenerator<FeedEvent[]> {}
