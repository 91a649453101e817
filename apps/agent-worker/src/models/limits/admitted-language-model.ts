import { newId } from '@tarsy/core';
import {
  isTimeout,
  LanguageModel,
  ProviderBusyError,
  ProviderError,
  RateLimitedError,
  type LanguageModelEvent,
  type LanguageModelRequest,
} from '@tarsy/llm';
import { setTimeout as sleep } from 'node:timers/promises';
import { conversationTokens } from '../../summaries/tokens.js';
import type { CallClaim, LimitStore, ProviderLimits } from './limit-store.js';

/** Makes a call only when its provider's limits allow it, and tells the others how it went. */
export class AdmittedLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;

  /** @param longestWaitMs Waits up to this are slept through; longer ones throw {@link ProviderBusyError}. */
  constructor(
    private readonly inner: LanguageModel,
    private readonly limits: ProviderLimits,
    private readonly store: LimitStore,
    private readonly longestWaitMs: number,
  ) {
    super();
    this.provider = inner.provider;
    this.model = inner.model;
  }

  /** @throws {ProviderBusyError} */
  override async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    const estimatedTokens = conversationTokens(request.messages);
    const claim: CallClaim = { provider: this.provider, callId: newId(), limits: this.limits, estimatedTokens };
    await this.#admit(claim, signal);
    let usedTokens: number | undefined;
    try {
      for await (const event of this.inner.stream(request, signal)) {
        if (event.type === 'finish' && event.usage) usedTokens = event.usage.inputTokens + event.usage.outputTokens;
        yield event;
      }
      await this.store.succeeded(this.provider);
    } catch (error) {
      throw await this.#reported(error);
    } finally {
      await this.store.settle(claim, usedTokens);
    }
  }

  async #admit(claim: CallClaim, signal: AbortSignal): Promise<void> {
    for (let waitedMs = 0; ;) {
      const admission = await this.store.admit(claim);
      if (admission.kind === 'admitted') return;
      const { waitMs, reason } = admission;
      if (waitedMs + waitMs > this.longestWaitMs) throw new ProviderBusyError(this.provider, reason, waitMs);
      waitedMs += waitMs;
      await sleep(waitMs, undefined, { signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        throw error;
      });
    }
  }

  async #reported(error: unknown): Promise<unknown> {
    if (error instanceof RateLimitedError && (error.retryAfterMs ?? 0) > this.longestWaitMs) {
      await this.store.block(this.provider, error.retryAfterMs!, 'vendor-limit');
      return new ProviderBusyError(this.provider, 'vendor-limit', error.retryAfterMs!, { cause: error });
    }
    if (error instanceof ProviderError || isTimeout(error)) await this.store.failed(this.provider);
    return error;
  }
}
