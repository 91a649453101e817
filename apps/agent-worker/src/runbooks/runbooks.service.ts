import { Inject, Injectable } from '@nestjs/common';
import type { TaskScheduled } from '@tarsy/contracts';
import { Clock, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { AGENT_WORKER_CONFIG, type AgentWorkerConfig } from '../agent-worker.config.js';
import { fetchRunbook } from './fetch-runbook.js';
import { RunbookUnavailableError } from './runbooks.errors.js';

/** Runbooks kept at the same time, of at most 1 MiB each. */
const MOST_KEPT = 50;

/** Runbooks of alerts, from where their addresses say. */
@Injectable()
export class Runbooks {
  readonly #kept = new Map<string, { readonly text: string; readonly untilMs: number }>();

  constructor(
    private readonly clock: Clock,
    @Inject(AGENT_WORKER_CONFIG) private readonly config: AgentWorkerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * The alert's own runbook; the default one where it has none, or where it can not be fetched.
   * @throws the signal's reason
   */
  async runbookOf(task: TaskScheduled, signal: AbortSignal): Promise<string | undefined> {
    const { runbookSource: source, runbook, sessionId, executionId } = task;
    if (source === undefined) return runbook;
    const kept = this.#kept.get(source.url);
    if (kept !== undefined && kept.untilMs > this.clock.nowMs()) return kept.text;
    try {
      const { [source.tokenEnv]: token, NODE_USE_ENV_PROXY: usesProxy } = this.config.modelEnvironment;
      const rules = { ...source, token: token || undefined, viaProxy: usesProxy === '1' };
      const text = await fetchRunbook(source.url, rules, signal);
      this.#keep(source.url, text, source.cacheTtlMs);
      return text;
    } catch (error) {
      if (!(error instanceof RunbookUnavailableError)) throw error;
      this.logger.warn({ sessionId, executionId, code: error.code, error: messageOf(error) }, 'runbook.unavailable');
      return runbook;
    }
  }

  #keep(url: string, text: string, forMs: number): void {
    this.#kept.delete(url);
    this.#kept.set(url, { text, untilMs: this.clock.nowMs() + forMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
