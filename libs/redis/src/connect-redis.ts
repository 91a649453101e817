import { messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { Redis } from 'ioredis';

export type { Redis };

/** Longest wait for an answer: what Redis holds may be lost, so nobody waits for it for long. */
const COMMAND_TIMEOUT_MS = 500;

/**
 * Connects in the background, again and again while Redis is away. A command that is not answered in 500 ms rejects; it is not repeated.
 *
 * @param whileAway What becomes of a command while there is no connection: it rejects at once, or waits for one, no longer than for an
 *   answer. Default: it rejects.
 */
export function connectRedis(url: string, logger: Logger, whileAway: 'reject' | 'wait' = 'reject'): Redis {
  const redis = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: whileAway === 'wait',
  });
  redis.on('error', (error) => logger.debug({ error: messageOf(error) }, 'redis.error'));
  return redis;
}
