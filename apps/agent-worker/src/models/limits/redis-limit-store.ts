import { sha256 } from '@tarsy/core';
import type { Redis } from '@tarsy/redis';
import type { BusyReason } from '@tarsy/llm';
import {
  LimitStore,
  LONGEST_CALL_MS,
  MOST_FAILURES,
  NEXT_LOOK_MS,
  REST_MS,
  WINDOW_MS,
  type Admission,
  type CallClaim,
} from './limit-store.js';

/**
 * Counts one call, or says how long to wait. By the server's clock, so that those of the workers do not matter. Calls are members
 * `<tokens>:<id>` of a sorted set, by the time when they were counted.
 * KEYS: calls, running, blocked. ARGV: id, tokens, requests, tokens and places at the most (-1: no limit), window, longest call, next look.
 * Answers {0}, or {wait in ms, reason}.
 */
const ADMIT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local blocked = redis.call('PTTL', KEYS[3])
if blocked > 0 then return {blocked, redis.call('GET', KEYS[3])} end
local tokens, mostRequests, mostTokens, mostRunning = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local window = tonumber(ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[7])
if mostRunning >= 0 and redis.call('ZCARD', KEYS[2]) >= mostRunning then return {tonumber(ARGV[8]), 'own-limit'} end
local wait = 0
local count = redis.call('ZCARD', KEYS[1])
if mostRequests >= 0 and count >= mostRequests then
  local last = redis.call('ZRANGE', KEYS[1], count - mostRequests, count - mostRequests, 'WITHSCORES')
  wait = tonumber(last[2]) + window - now
end
if mostTokens >= 0 then
  local calls = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
  local used = 0
  for i = 1, #calls, 2 do used = used + tonumber(string.match(calls[i], '^%d+')) end
  for i = 1, #calls, 2 do
    if used + tokens <= mostTokens then break end
    used = used - tonumber(string.match(calls[i], '^%d+'))
    wait = math.max(wait, tonumber(calls[i + 1]) + window - now)
  end
end
if wait > 0 then return {wait, 'own-limit'} end
redis.call('ZADD', KEYS[1], now, ARGV[2] .. ':' .. ARGV[1])
redis.call('PEXPIRE', KEYS[1], window)
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[7])
return {0}`;

/** KEYS: calls, running. ARGV: id, tokens as they were counted, tokens used (-1: nobody knows). */
const SETTLE = `
redis.call('ZREM', KEYS[2], ARGV[1])
local member = ARGV[2] .. ':' .. ARGV[1]
local at = redis.call('ZSCORE', KEYS[1], member)
if at and tonumber(ARGV[3]) >= 0 then
  redis.call('ZREM', KEYS[1], member)
  redis.call('ZADD', KEYS[1], at, ARGV[3] .. ':' .. ARGV[1])
end`;

/** Limits of all workers together. */
export class RedisLimitStore extends LimitStore {
  constructor(
    private readonly redis: Redis,
    private readonly namespace: string,
  ) {
    super();
  }

  override async admit({ provider, callId, limits, estimatedTokens }: CallClaim): Promise<Admission> {
    const { requestsPerMinute = -1, tokensPerMinute = -1, concurrentRequests = -1 } = limits;
    const keys = [this.#key(provider, 'calls'), this.#key(provider, 'running'), this.#key(provider, 'blocked')];
    const most = [requestsPerMinute, tokensPerMinute, concurrentRequests];
    const answer = (await this.redis.eval(ADMIT, 3, ...keys, callId, estimatedTokens, ...most, WINDOW_MS, LONGEST_CALL_MS, NEXT_LOOK_MS)) as [number, BusyReason?]; // prettier-ignore
    const [waitMs, reason = 'own-limit'] = answer;
    return waitMs === 0 ? { kind: 'admitted' } : { kind: 'busy', waitMs, reason };
  }

  override async settle(
    { provider, callId, estimatedTokens }: CallClaim,
    usedTokens: number | undefined,
  ): Promise<void> {
    const keys = [this.#key(provider, 'calls'), this.#key(provider, 'running')];
    await this.redis.eval(SETTLE, 2, ...keys, callId, estimatedTokens, usedTokens ?? -1);
  }

  override async block(provider: string, forMs: number, reason: BusyReason): Promise<void> {
    await this.redis.set(this.#key(provider, 'blocked'), reason, 'PX', Math.ceil(forMs));
  }

  override async succeeded(provider: string): Promise<void> {
    await this.redis.del(this.#key(provider, 'failures'));
  }

  override async failed(provider: string): Promise<void> {
    const key = this.#key(provider, 'failures');
    const count = await this.redis.incr(key);
    await this.redis.pexpire(key, 2 * REST_MS);
    if (count >= MOST_FAILURES) await this.block(provider, REST_MS, 'circuit-open');
  }

  #key(provider: string, what: string): string {
    return `${this.namespace}:llm:{${sha256(provider).slice(0, 16)}}:${what}`;
  }
}
