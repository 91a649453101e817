import { Injectable } from '@nestjs/common';
import type { TokenUsage } from '@tarsy/contracts';
import { Metrics, type Counter, type Gauge, type Histogram } from '@tarsy/observability';
import type { AgentWorkerConfig } from '../agent-worker.config.js';

type ModelLabels = { readonly provider: string; readonly model: string };
export type CallFailure = 'timeout' | 'canceled' | 'error';

const LLM_BUCKETS_SECONDS = [1, 2.5, 5, 10, 20, 30, 60, 90, 120, 180];

/** What this worker measures. */
@Injectable()
export class WorkerMetrics {
  readonly #calls: Counter<'provider' | 'model'>;
  readonly #seconds: Histogram<'provider' | 'model'>;
  readonly #errors: Counter<'provider' | 'model' | 'error_code'>;
  readonly #tokens: Counter<'provider' | 'model' | 'direction'>;
  readonly #retries: Counter<'provider' | 'model'>;
  readonly #fallbacks: Counter<'from_provider' | 'to_provider'>;
  readonly #slots: Gauge<string>;
  readonly #active: Gauge<string>;
  readonly #takenOver: Counter<string>;
  #running = 0;

  constructor(metrics: Metrics) {
    const labels = ['provider', 'model'] as const;
    this.#calls = metrics.counter('tarsy_llm_calls_total', 'Model calls, retries not counted.', labels);
    this.#seconds = metrics.histogram('tarsy_llm_duration_seconds', 'How long model calls take.', labels, LLM_BUCKETS_SECONDS); // prettier-ignore
    this.#errors = metrics.counter('tarsy_llm_errors_total', 'Model calls that failed.', [...labels, 'error_code']);
    this.#tokens = metrics.counter('tarsy_llm_tokens_total', 'Tokens of model calls.', [...labels, 'direction']);
    this.#retries = metrics.counter('tarsy_llm_retries_total', 'Model calls repeated before anything arrived.', labels);
    this.#fallbacks = metrics.counter('tarsy_llm_fallbacks_total', 'Executions whose model was replaced.', ['from_provider', 'to_provider']); // prettier-ignore
    this.#slots = metrics.gauge('tarsy_workers_total', 'Executions that this process runs at the same time at most.');
    this.#active = metrics.gauge('tarsy_workers_active', 'Executions that run now.');
    this.#takenOver = metrics.counter('tarsy_orphans_recovered_total', 'Executions gone on with after their worker had stopped.'); // prettier-ignore
    this.#active.set(0);
  }

  get running(): number {
    return this.#running;
  }

  setSlots({ slots }: AgentWorkerConfig): void {
    this.#slots.set(slots);
  }

  /** @returns how to say that it ended */
  executionStarted(): () => void {
    this.#active.set(++this.#running);
    return () => this.#active.set(--this.#running);
  }

  executionTakenOver(): void {
    this.#takenOver.inc();
  }

  callEnded(model: ModelLabels, durationMs: number): void {
    this.#calls.inc(model);
    this.#seconds.observe(model, durationMs / 1_000);
  }

  callFailed(model: ModelLabels, failure: CallFailure): void {
    this.#errors.inc({ ...model, error_code: failure });
  }

  callRetried(model: ModelLabels): void {
    this.#retries.inc(model);
  }

  modelSwitched(from: string, to: string): void {
    this.#fallbacks.inc({ from_provider: from, to_provider: to });
  }

  tokensUsed(model: ModelLabels, { inputTokens, outputTokens, thinkingTokens }: TokenUsage): void {
    this.#tokens.inc({ ...model, direction: 'input' }, inputTokens);
    this.#tokens.inc({ ...model, direction: 'output' }, outputTokens);
    this.#tokens.inc({ ...model, direction: 'thinking' }, thinkingTokens);
  }
}
