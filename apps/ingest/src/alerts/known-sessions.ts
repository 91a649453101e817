import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf, sha256 } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { Redis } from 'ioredis';
import { INGEST_ENVIRONMENT, type IngestEnvironment } from '../ingest.config.js';

/** Longer than Alertmanager's default repeat interval of 4 h: a group that still fires keeps its session. */
const WINDOW_SECONDS = 12 * 60 * 60;

/**
 * Remembers which session a group of alerts belongs to while it fires. Kept in Redis, where it may be lost: without it the id that is derived
 * from the group's start time is used, which differs only when the earliest alert of a group resolves before the others.
 */
@Injectable()
export class GroupWindow implements OnApplicationShutdown {
  readonly #redis: Redis | undefined;

  constructor(
    @Inject(INGEST_ENVIRONMENT) private readonly environment: IngestEnvironment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    if (!environment.redisUrl) return;
    this.#redis = new Redis(environment.redisUrl, {
      commandTimeout: 500,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      lazyConnect: false,
    });
    this.#redis.on('error', (error) => this.logger.debug({ error: messageOf(error) }, 'redis.error'));
  }

  onApplicationShutdown(): void {
    this.#redis?.disconnect();
  }

  /** The session of the group: the one it has, else `derivedId`, which it has from now on. */
  async sessionOf(source: string, groupKey: string, derivedId: string): Promise<string> {
    return await this.#orElse(derivedId, async (redis) => {
      const key = this.#key(source, groupKey);
      const known = await redis.set(key, derivedId, 'EX', WINDOW_SECONDS, 'NX', 'GET');
      if (known === null) return derivedId;
      await redis.expire(key, WINDOW_SECONDS);
      return known;
    });
  }

  /** The group is over: when it fires again, that is a new session. */
  async close(source: string, groupKey: string): Promise<void> {
    await this.#orElse(0, (redis) => redis.del(this.#key(source, groupKey)));
  }

  async #orElse<Result>(fallback: Result, ask: (redis: Redis) => Promise<Result>): Promise<Result> {
    if (!this.#redis) return fallback;
    try {
      return await ask(this.#redis);
    } catch (error) {
      this.logger.warn({ error: messageOf(error) }, 'alerts.group-window-unavailable');
      return fallback;
    }
  }

  #key(source: string, groupKey: string): string {
    return `${this.environment.namespace}:alert-group:${source}:${sha256(groupKey)}`;
  }
}
