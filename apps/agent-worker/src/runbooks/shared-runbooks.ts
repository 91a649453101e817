import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { TaskScheduled } from '@tarsy/contracts';
import { messageOf, sha256 } from '@tarsy/core';
import { Messaging } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { connectRedis, type Redis } from '@tarsy/redis';
import { LOGGER } from '@tarsy/service';
import { AGENT_WORKER_CONFIG, type AgentWorkerConfig } from '../agent-worker.config.js';

export type RunbookSource = NonNullable<TaskScheduled['runbookSource']>;

/** With the number of texts this bounds what runbooks may take in Redis: 50 MiB. */
const LONGEST_BYTES = 256 * 1024;
const MOST_TEXTS = 200;

/**
 * Keeps one text and drops those that would end first, where there are too many. By the server's clock.
 * KEYS: texts (by the time when they end), the text's own. ARGV: text, milliseconds, texts at the most.
 */
const PUT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[1], now + ARGV[2], KEYS[2])
local tooMany = redis.call('ZCARD', KEYS[1]) - ARGV[3]
if tooMany > 0 then
  local ending = redis.call('ZPOPMIN', KEYS[1], tooMany)
  for i = 1, #ending, 2 do redis.call('DEL', ending[i]) end
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end`;

/** Texts of runbooks that all workers share through Redis, for as long as the configuration says. Never throws. */
@Injectable()
export class SharedRunbooks implements OnApplicationShutdown {
  readonly #redis: Redis | undefined;

  constructor(
    @Inject(AGENT_WORKER_CONFIG) { redisUrl }: AgentWorkerConfig,
    private readonly messaging: Messaging,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    if (redisUrl !== undefined) this.#redis = connectRedis(redisUrl, this.logger, 'wait');
  }

  onApplicationShutdown(): void {
    this.#redis?.disconnect();
  }

  /** Undefined where it is not there, or nobody can tell. */
  async get(source: RunbookSource): Promise<string | undefined> {
    try {
      return (await this.#redis?.get(this.#keyOf(source))) ?? undefined;
    } catch (error) {
      this.logger.debug({ error: messageOf(error) }, 'runbooks.shared-texts-unavailable');
      return undefined;
    }
  }

  /** Whether the text is kept; one of more than 256 KiB is not. */
  async put(source: RunbookSource, text: string): Promise<boolean> {
    if (this.#redis === undefined || Buffer.byteLength(text) > LONGEST_BYTES) return false;
    try {
      await this.#redis.eval(PUT, 2, this.#key('ends'), this.#keyOf(source), text, source.cacheTtlMs, MOST_TEXTS);
      return true;
    } catch (error) {
      this.logger.debug({ error: messageOf(error) }, 'runbooks.shared-texts-unavailable');
      return false;
    }
  }

  #keyOf(source: RunbookSource): string {
    return this.#key(sha256(identityOf(source)));
  }

  #key(name: string): string {
    return `${this.messaging.namespace}:{runbooks}:${name}`;
  }
}

/** Under other rules the same address may lead to something else, or must not be read at all. */
export function identityOf({ url, allowedDomains, allowPrivateAddresses, tokenEnv }: RunbookSource): string {
  return JSON.stringify([url, allowedDomains, allowPrivateAddresses, tokenEnv]);
}
