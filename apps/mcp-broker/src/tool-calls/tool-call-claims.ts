import { Injectable } from '@nestjs/common';
import { toolCallClaims, type ToolCallClaim, type ToolCallRequested } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import { Buckets, type KeyValueBucket } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';

/**
 * - `ours`: nobody began this call; it is ours to run.
 * - `begun`: an earlier delivery of this request began it.
 * - `other-request`: another copy of the request began it, and will see to its result.
 */
export type Claim = 'ours' | 'begun' | 'other-request';

/** Who may run a call that is not safe to repeat: whoever claimed it first, and nobody after that. */
@Injectable()
export class ToolCallClaims {
  readonly #claims: KeyValueBucket<ToolCallClaim>;

  constructor(
    buckets: Buckets,
    private readonly clock: Clock,
  ) {
    this.#claims = buckets.open(toolCallClaims);
  }

  /**
   * @param requestSequence Position of the request in its stream.
   * @throws {MessagingUnavailableError} NATS does not answer; whether the call is claimed is then open
   */
  async claim({ executionId, callId }: ToolCallRequested, requestSequence: number): Promise<Claim> {
    const key = `${executionId}.${callId}`;
    const mine = { claimId: randomUUID(), requestSequence, claimedAt: this.clock.nowIso() };
    if (await this.#claims.create(key, mine)) return 'ours';
    const held = await this.#claims.get(key);
    if (held === undefined || held.requestSequence === requestSequence)
      return held?.claimId === mine.claimId ? 'ours' : 'begun';
    return 'other-request';
  }
}
