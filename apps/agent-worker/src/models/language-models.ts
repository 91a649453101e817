import { Inject, Injectable } from '@nestjs/common';
import type { TaskScheduled } from '@tarsy/contracts';
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
import { WorkerMetrics } from '../executions/worker-metrics.js';

/** Builds the model of a task, with everything around it that the loop should not care about. */
@Injectable()
export class LanguageModels {
  constructor(
    @Inject(AGENT_WORKER_CONFIG) private readonly config: AgentWorkerConfig,
    private readonly metrics: WorkerMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws {LanguageModelError} no key, or no adapter for the provider */
  modelOf({ model: reference, limits, sessionId, executionId }: TaskScheduled): LanguageModel {
    const model = createLanguageModel(reference, this.config.modelEnvironment);
    const { provider, model: name } = reference;
    const onRetry = ({ code, message }: LanguageModelError, attempt: number): void => {
      this.metrics.callRetried({ provider, model: name });
      this.logger.warn({ sessionId, executionId, provider, model: name, attempt, code, error: message }, 'llm.retry');
    };
    // One try each may wait for its first token and stall; the whole call, pauses included, has its own limit.
    const { firstTokenTimeoutMs, stallTimeoutMs, llmCallTimeoutMs } = limits;
    const tries = new RetryingLanguageModel(
      new TimeLimitedLanguageModel(model, { firstTokenTimeoutMs, stallTimeoutMs, llmCallTimeoutMs }),
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
}
