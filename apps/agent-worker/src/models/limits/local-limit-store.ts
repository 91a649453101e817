import type { Clock } from '@tarsy/core';
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

interface CountedCall {
  readonly callId: string;
  readonly atMs: number;
  tokens: number;
}

interface ProviderState {
  calls: CountedCall[];
  readonly running: Map<string, number>;
  failures: { count: number; lastAtMs: number };
  blocked: { untilMs: number; reason: BusyReason };
}

/** Limits of this process alone: for a machine without Redis, and for as long as Redis is away. */
export class LocalLimitStore extends LimitStore {
  readonly #providers = new Map<string, ProviderState>();

  constructor(private readonly clock: Pick<Clock, 'nowMs'>) {
    super();
  }

  override admit({ provider, callId, limits, estimatedTokens }: CallClaim): Promise<Admission> {
    const nowMs = this.clock.nowMs();
    const state = this.#stateOf(provider);
    const { blocked } = state;
    if (blocked.untilMs > nowMs)
      return Promise.resolve({ kind: 'busy', waitMs: blocked.untilMs - nowMs, reason: blocked.reason });
    state.calls = state.calls.filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
    for (const [id, startedAtMs] of state.running) if (startedAtMs <= nowMs - LONGEST_CALL_MS) state.running.delete(id);
    const waitMs = waitOf(state, limits, estimatedTokens, nowMs);
    if (waitMs > 0) return Promise.resolve({ kind: 'busy', waitMs, reason: 'own-limit' });
    state.calls.push({ callId, atMs: nowMs, tokens: estimatedTokens });
    state.running.set(callId, nowMs);
    return Promise.resolve({ kind: 'admitted' });
  }

  override settle({ provider, callId }: CallClaim, usedTokens: number | undefined): Promise<void> {
    const state = this.#stateOf(provider);
    state.running.delete(callId);
    const call = state.calls.find((candidate) => candidate.callId === callId);
    if (call !== undefined && usedTokens !== undefined) call.tokens = usedTokens;
    return Promise.resolve();
  }

  override block(provider: string, forMs: number, reason: BusyReason): Promise<void> {
    const state = this.#stateOf(provider);
    const untilMs = this.clock.nowMs() + forMs;
    if (untilMs > state.blocked.untilMs) state.blocked = { untilMs, reason };
    return Promise.resolve();
  }

  override succeeded(provider: string): Promise<void> {
    this.#stateOf(provider).failures = { count: 0, lastAtMs: 0 };
    return Promise.resolve();
  }

  override async failed(provider: string): Promise<void> {
    const state = this.#stateOf(provider);
    const nowMs = this.clock.nowMs();
    const isInRow = state.failures.lastAtMs > nowMs - 2 * REST_MS;
    state.failures = { count: isInRow ? state.failures.count + 1 : 1, lastAtMs: nowMs };
    if (state.failures.count >= MOST_FAILURES) await this.block(provider, REST_MS, 'circuit-open');
  }

  #stateOf(provider: string): ProviderState {
    const known = this.#providers.get(provider);
    if (known !== undefined) return known;
    const failures = { count: 0, lastAtMs: 0 };
    const state: ProviderState = {
      calls: [],
      running: new Map(),
      failures,
      blocked: { untilMs: 0, reason: 'own-limit' },
    };
    this.#providers.set(provider, state);
    return state;
  }
}

/** 0 where the call may be made now. */
function waitOf({ calls, running }: ProviderState, limits: CallClaim['limits'], tokens: number, nowMs: number): number {
  const { requestsPerMinute = Infinity, tokensPerMinute = Infinity, concurrentRequests = Infinity } = limits;
  if (running.size >= concurrentRequests) return NEXT_LOOK_MS;
  const expiryOf = (call: CountedCall | undefined): number => (call === undefined ? 0 : call.atMs + WINDOW_MS - nowMs);
  const forRequests = calls.length >= requestsPerMinute ? expiryOf(calls[calls.length - requestsPerMinute]) : 0;
  let used = calls.reduce((sum, call) => sum + call.tokens, 0);
  let forTokens = 0;
  // A call that alone is more than the limit is made once nothing else is counted.
  for (const call of calls) {
    if (used + tokens <= tokensPerMinute) break;
    used -= call.tokens;
    forTokens = expiryOf(call);
  }
  return Math.max(forRequests, forTokens);
}
