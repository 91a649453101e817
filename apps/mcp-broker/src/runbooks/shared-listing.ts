import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf, sha256 } from '@tarsy/core';
import { Messaging } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { connectRedis, type Redis } from '@tarsy/redis';
import { LOGGER } from '@tarsy/service';
import { z } from 'zod';
import { BROKER_ENVIRONMENT, type BrokerEnvironment } from '../mcp-broker.config.js';

const urlsSchema = z.array(z.string());

/** The listing that all brokers share through Redis, for as long as it holds. Without Redis there is none. Never throws. */
@Injectable()
export class SharedListing implements OnApplicationShutdown {
  readonly #redis: Redis | undefined;

  constructor(
    @Inject(BROKER_ENVIRONMENT) { redisUrl }: BrokerEnvironment,
    private readonly messaging: Messaging,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    if (redisUrl !== undefined) this.#redis = connectRedis(redisUrl, this.logger, 'wait');
  }

  onApplicationShutdown(): void {
    this.#redis?.disconnect();
  }

  /** @param repository All that the listing depends on, as one text. */
  async get(repository: string): Promise<readonly string[] | undefined> {
    try {
      const text = await this.#redis?.get(this.#key(repository));
      return text ? urlsSchema.parse(JSON.parse(text)) : undefined;
    } catch (error) {
      this.logger.debug({ error: messageOf(error) }, 'runbooks.shared-listing-unavailable');
      return undefined;
    }
  }

  async put(repository: string, urls: readonly string[], forMs: number): Promise<void> {
    try {
      await this.#redis?.set(this.#key(repository), JSON.stringify(urls), 'PX', forMs);
    } catch (error) {
      this.logger.debug({ error: messageOf(error) }, 'runbooks.shared-listing-unavailable');
    }
  }

  #key(repository: string): string {
    return `${this.messaging.namespace}:runbook-listing:${sha256(repository)}`;
  }
}
