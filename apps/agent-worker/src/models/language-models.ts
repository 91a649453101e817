import { Inject, Injectable } from '@nestjs/common';
import type { ModelReference, TaskScheduled } from '@tarsy/contracts';
import {
  createLanguageModel,
  RetryingLanguageModel,
  TimeLimitedLanguageModel,
  type LanguageModel,
  type LanguageModelError,
} from '@tarsy/llm';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { AGENT_WORKER_CONFIG, type AgentWorkerConfig } from '../agent-worker.config.js';
import { ReactLanguageModel } from '../dialects/react/react-language-model.js';
import { LabelledResultsLanguageModel } from './labelled-results-language-model.js';
import { AdmittedLanguageModel } from './limits/admitted-language-model.js';
import { ProviderGate } from './limits/provider-gate.service.js';
import { WorkerMetrics } from '../executions/worker-metrics.js';

/** An execution that would wait longer for its provider gives its place to another. */
const SHORT_WAIT_MS = 3_000;

/** Builds the model of a task, with everything around it that the loop should not care about. */
@Injectable()
export class LanguageModels {
  readonly #vendorModels = new Map<string, LanguageModel>();

  constructor(
    @Inject(AGENT_WORKER_CONFIG) private readonly config: AgentWorkerConfig,
    private readonly gate: ProviderGate,
    private readonly metrics: WorkerMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @param longestWaitMs How long to wait for a provider that is busy.
   * @throws {LanguageModelError} no key, or no adapter for the provider
   */
  modelOf(task: TaskScheduled, longestWaitMs = SHORT_WAIT_MS): LanguageModel {
    const { model: reference, limits, sessionId, executionId } = task;
    const model = this.#vendorModel(reference);
    const { provider, model: name } = reference;
    const onRetry = ({ code, message }: LanguageModelError, attempt: number): void => {
      this.metrics.callRetried({ provider, model: name });
      this.logger.warn({ sessionId, executionId, provider, model: name, attempt, code, error: message }, 'llm.retry');
    };
    // One try each may wait for its first token and stall; the whole call, pauses included, has its own limit.
    const { firstTokenTimeoutMs, stallTimeoutMs, llmCallTimeoutMs } = limits;
    const tries = new RetryingLanguageModel(
      this.#admitted(reference, new TimeLimitedLanguageModel(model, { firstTokenTimeoutMs, stallTimeoutMs, llmCallTimeoutMs }), longestWaitMs), // prettier-ignore
      { onRetry },
    );
    const limited = new TimeLimitedLanguageModel(tries, {
      firstTokenTimeoutMs: llmCallTimeoutMs,
      stallTimeoutMs: llmCallTimeoutMs,
      llmCallTimeoutMs,
    });
    const speaking = reference.dialect === 'react' ? new ReactLanguageModel(limited) : limited;
    // Rules read results as data and need no warning.
    return reference.type === 'playbook' ? speaking : new LabelledResultsLanguageModel(speaking);
  }

  /** Rules have no limits. */
  #admitted(reference: ModelReference, model: LanguageModel, longestWaitMs: number): LanguageModel {
    if (reference.type === 'playbook') return model;
    return new AdmittedLanguageModel(model, reference.limits ?? {}, this.gate, longestWaitMs);
  }

  /** One for each reference: it remembers what its vendor refuses, and keeps connections open. The configuration bounds their number. */
  #vendorModel(reference: ModelReference): LanguageModel {
    const key = JSON.stringify(reference);
    const known = this.#vendorModels.get(key);
    if (known !== undefined) return known;
    const model = createLanguageModel(reference, this.config.modelEnvironment);
    this.#vendorModels.set(key, model);
    return model;
  }
}
