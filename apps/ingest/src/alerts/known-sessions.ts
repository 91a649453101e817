import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf, sha256 } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { connectRedis, type Redis } from '@tarsy/redis';
import { LOGGER } from '@tarsy/service';
import { INGEST_ENVIRONMENT, type IngestEnvironment } from '../ingest.config.js';

/**
 * Remembers which session a producer's own name for it belongs to: a group of alerts while it fires, an idempotency key. Kept in Redis,
 * where it may be lost: without it the id that the caller derives is used, which is the same for all but rare repetitions.
 */
@Injectable()
export class KnownSessions implements OnApplicationShutdown {
  readonly #redis: Redis | undefined;

  constructor(
    @Inject(INGEST_ENVIRONMENT) private readonly environment: IngestEnvironment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    if (environment.redisUrl) this.#redis = connectRedis(environment.redisUrl, this.logger);
  }

  onApplicationShutdown(): void {
    this.#redis?.disconnect();
  }

  /**
   * The session of a name: the one it has, else `derivedId`, which it has from now on.
   * @param forSeconds How long the name is remembered after it was last asked for.
   */
  async sessionOf(kind: string, name: string, derivedId: string, forSeconds: number): Promise<string> {
    return await this.#orElse(derivedId, async (redis) => {
      const key = this.#key(kind, name);
      const known = await redis.set(key, derivedId, 'EX', forSeconds, 'NX', 'GET');
      if (known === null) return derivedId;
      await redis.expire(key, forSeconds);
      return known;
    });
  }

  /** What comes next under this name is a new session. */
  async forget(kind: string, name: string): Promise<void> {
    await this.#orElse(0, (redis) => redis.del(this.#key(kind, name)));
  }

  async #orElse<Result>(fallback: Result, ask: (redis: Redis) => Promise<Result>): Promise<Result> {
    if (!this.#redis) return fallback;
    try {
      return await ask(this.#redis);
    } catch (error) {
      this.logger.warn({ error: messageOf(error) }, 'alerts.known-sessions-unavailable');
      return fallback;
    }
  }

  #key(kind: string, name: string): string {
    return `${this.environment.namespace}:known-session:${kind}:${sha256(name)}`;
  }
}
