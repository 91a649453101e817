import type { ModelReference } from '@tarsy/contracts';
import type { BusyReason } from '@tarsy/llm';

export type ProviderLimits = NonNullable<ModelReference['limits']>;

/** Time over which calls and tokens are counted. A little more than a minute: a call reaches the vendor some time after it was counted. */
export const WINDOW_MS = 61_000;
/** A call that was never given back, because its worker died, stops to count after this time. */
export const LONGEST_CALL_MS = 6 * 60_000;
/** When to look again where all places are taken and nobody knows when one gets free. */
export const NEXT_LOOK_MS = 1_000;
/** So many failed calls in a row, and a provider is left alone ... */
export const MOST_FAILURES = 10;
/** ... for this time. Failures further apart than this are not in a row. */
export const REST_MS = 30_000;

export type Admission =
  { readonly kind: 'admitted' } | { readonly kind: 'busy'; readonly waitMs: number; readonly reason: BusyReason };

/** One call that wants to be made. */
export interface CallClaim {
  readonly provider: string;
  /** Unique. */
  readonly callId: string;
  readonly limits: ProviderLimits;
  /** What the call will use, as well as anybody knows. */
  readonly estimatedTokens: number;
}

/** Counts calls, tokens and failures of providers; for this process alone, or for all workers. */
export abstract class LimitStore {
  abstract admit(claim: CallClaim): Promise<Admission>;
  /** The call has ended; what it really used, where the vendor says it. */
  abstract settle(claim: CallClaim, usedTokens: number | undefined): Promise<void>;
  /** Nobody calls the provider for this time. */
  abstract block(provider: string, forMs: number, reason: BusyReason): Promise<void>;
  abstract succeeded(provider: string): Promise<void>;
  abstract failed(provider: string): Promise<void>;
}
