import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, codeOf, messageOf } from '@tarsy/core';
import { ChunkReader, SessionLog } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { SessionFeed } from './session-feed.js';

interface Watched {
  readonly feed: SessionFeed;
  viewers: number;
}

/** The sessions that somebody in this process looks at: one feed each, from the first viewer to the last. */
@Injectable()
export class SessionFeeds implements OnApplicationShutdown {
  readonly #watched = new Map<string, Watched>();

  constructor(
    private readonly log: SessionLog,
    private readonly chunks: ChunkReader,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** How many sessions are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** Runs `view` on the session's feed, which lives at least as long. */
  async watch<Result>(sessionId: string, view: (feed: SessionFeed) => Promise<Result>): Promise<Result> {
    const watched = this.#watched.get(sessionId) ?? this.#open(sessionId);
    watched.viewers += 1;
    try {
      return await view(watched.feed);
    } finally {
      watched.viewers -= 1;
      if (watched.viewers === 0) this.#drop(watched);
    }
  }

  onApplicationShutdown(): void {
    for (const watched of [...this.#watched.values()]) this.#drop(watched);
  }

  #open(sessionId: string): Watched {
    const { log, chunks, clock } = this;
    const feed = new SessionFeed(sessionId, { log, chunks, clock }, (error) => {
      this.logger.error({ sessionId, code: codeOf(error), error: messageOf(error) }, 'feed.failed');
      this.#drop(watched);
    });
    const watched: Watched = { feed, viewers: 0 };
    this.#watched.set(sessionId, watched);
    return watched;
  }

  #drop(watched: Watched): void {
    watched.feed.close();
    const { sessionId } = watched.feed;
    if (this.#watched.get(sessionId) === watched) this.#watched.delete(sessionId);
  }
}
