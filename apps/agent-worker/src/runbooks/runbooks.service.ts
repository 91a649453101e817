import { Inject, Injectable } from '@nestjs/common';
import type { TaskScheduled } from '@tarsy/contracts';
import { Clock, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { AGENT_WORKER_CONFIG, type AgentWorkerConfig } from '../agent-worker.config.js';
import { fetchRunbook } from './fetch-runbook.js';
import { checkedUrl } from './runbook-address.js';
import { RunbookUnavailableError } from './runbooks.errors.js';
import { identityOf, SharedRunbooks, type RunbookSource } from './shared-runbooks.js';

/** Runbooks that this worker keeps itself at the same time, of at most 1 MiB each. */
const MOST_KEPT = 50;

/** Runbooks of alerts, from where their addresses say. */
@Injectable()
export class Runbooks {
  /** What can not be shared: because there is no Redis, or because it is too long for it. */
  readonly #kept = new Map<string, { readonly text: string; readonly untilMs: number }>();

  constructor(
    private readonly shared: SharedRunbooks,
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
    try {
      checkedUrl(source.url, source.allowedDomains);
      return this.#keptText(source) ?? (await this.shared.get(source)) ?? (await this.#fetch(source, signal));
    } catch (error) {
      if (!(error instanceof RunbookUnavailableError)) throw error;
      this.logger.warn({ sessionId, executionId, code: error.code, error: messageOf(error) }, 'runbook.unavailable');
      return runbook;
    }
  }

  async #fetch(source: RunbookSource, signal: AbortSignal): Promise<string> {
    const { [source.tokenEnv]: token, NODE_USE_ENV_PROXY: usesProxy } = this.config.modelEnvironment;
    const rules = { ...source, token: token || undefined, viaProxy: usesProxy === '1' };
    const text = await fetchRunbook(source.url, rules, signal);
    if (!(await this.shared.put(source, text))) this.#keep(source, text);
    return text;
  }

  #keptText(source: RunbookSource): string | undefined {
    const kept = this.#kept.get(identityOf(source));
    return kept !== undefined && kept.untilMs > this.clock.nowMs() ? kept.text : undefined;
  }

  #keep(source: RunbookSource, text: string): void {
    const identity = identityOf(source);
    this.#kept.delete(identity);
    this.#kept.set(identity, { text, untilMs: this.clock.nowMs() + source.cacheTtlMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
