import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, messageOf } from '@tarsy/core';
import type { BusyReason } from '@tarsy/llm';
import { Messaging } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { connectRedis, type Redis } from '@tarsy/redis';
import { LOGGER } from '@tarsy/service';
import { AGENT_WORKER_CONFIG, type AgentWorkerConfig } from '../../agent-worker.config.js';
import { LimitStore, type Admission, type CallClaim } from './limit-store.js';
import { LocalLimitStore } from './local-limit-store.js';
import { RedisLimitStore } from './redis-limit-store.js';

/** Limits shared by all workers while Redis is there, and kept by each worker for itself while it is not. Never throws. */
@Injectable()
export class ProviderGate extends LimitStore implements OnApplicationShutdown {
  readonly #local: LimitStore;
  readonly #redis: Redis | undefined;
  readonly #shared: LimitStore | undefined;

  constructor(
    @Inject(AGENT_WORKER_CONFIG) { redisUrl }: AgentWorkerConfig,
    { namespace }: Messaging,
    clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
    this.#local = new LocalLimitStore(clock);
    if (redisUrl === undefined) return;
    this.#redis = connectRedis(redisUrl, this.logger);
    this.#shared = new RedisLimitStore(this.#redis, namespace);
  }

  onApplicationShutdown(): void {
    this.#redis?.disconnect();
  }

  override admit(claim: CallClaim): Promise<Admission> {
    return this.#sharedOrLocal((store) => store.admit(claim));
  }

  override settle(claim: CallClaim, usedTokens: number | undefined): Promise<void> {
    return this.#sharedOrLocal((store) => store.settle(claim, usedTokens));
  }

  override block(provider: string, forMs: number, reason: BusyReason): Promise<void> {
    return this.#sharedOrLocal((store) => store.block(provider, forMs, reason));
  }

  override succeeded(provider: string): Promise<void> {
    return this.#sharedOrLocal((store) => store.succeeded(provider));
  }

  override failed(provider: string): Promise<void> {
    return this.#sharedOrLocal((store) => store.failed(provider));
  }

  async #sharedOrLocal<Result>(ask: (store: LimitStore) => Promise<Result>): Promise<Result> {
    if (this.#shared === undefined) return await ask(this.#local);
    try {
      return await ask(this.#shared);
    } catch (error) {
      this.logger.debug({ error: messageOf(error) }, 'llm.shared-limits-unavailable');
      return await ask(this.#local);
    }
  }
}
