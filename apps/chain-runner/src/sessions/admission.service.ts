import { Inject, Injectable } from '@nestjs/common';
import { resolvePlan, ResolutionError, type Configuration, type SessionPlan } from '@tarsy/config';
import { Clock, codeOf, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { DataSource } from 'typeorm';
import { CONFIGURATION } from '../chain-runner.config.js';
import { tightened } from '../stages/budget-share.js';
import { StageFlow } from '../stages/stage-flow.js';
import { FollowUps } from './follow-ups.js';
import type { SessionChange } from './session-change.js';
import { ResumptionService } from './resumption.service.js';
import { SessionMetrics } from './session-metrics.js';
import { stopOf } from './session-stop.js';
import { SessionTransactions } from './session-transactions.js';
import { slotLimitsOf, takeSlots } from './slots.js';

/**
 * Lets pending sessions start, most urgent and oldest first, never more than `max_concurrent_sessions` at once in all replicas, nor more of
 * a chain than it allows.
 */
@Injectable()
export class AdmissionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: SessionTransactions,
    private readonly stages: StageFlow,
    private readonly resumption: ResumptionService,
    private readonly followUps: FollowUps,
    private readonly metrics: SessionMetrics,
    private readonly clock: Clock,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Safe to repeat: takes free slots only, and finishes the start of sessions whose admission was cut off. */
  async admit(): Promise<void> {
    const failures: unknown[] = [];
    for (const sessionId of await this.#takeSlots())
      try {
        await this.#start(sessionId);
      } catch (error) {
        // One session that can not start must not keep the others waiting.
        this.logger.warn({ sessionId, code: codeOf(error), error: messageOf(error) }, 'session.start-failed');
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }

  /** @returns sessions that have a slot and whose start is not finished */
  async #takeSlots(): Promise<string[]> {
    return await this.dataSource.transaction(async (manager) => {
      const now = this.clock.now();
      const deadlineAt = new Date(now.getTime() + this.configuration.queue.sessionTimeoutMs);
      await takeSlots(manager, slotLimitsOf(this.configuration), now, deadlineAt);
      const rows = await manager.query<{ id: string }[]>(
        `SELECT id FROM alert_sessions AS session WHERE status = 'in_progress' AND (plan IS NULL OR unpublished_lifecycle <> '[]'
           OR EXISTS (SELECT 1 FROM stages WHERE session_id = session.id AND status = 'paused'))
         ORDER BY priority_rank, created_at, id`,
      );
      return rows.map(({ id }) => id);
    });
  }

  async #start(sessionId: string): Promise<void> {
    await this.transactions.apply(sessionId, async (change) => {
      const { session } = change;
      if (session.status !== 'in_progress') return;
      if (session.plan !== null) return stopOf(session) ? undefined : await this.resumption.start(change);
      change.emit({ type: 'session-status-changed', status: 'in_progress' });
      this.metrics.started(session);
      this.logger.info({ sessionId, chainId: session.chainId }, 'session.admitted');
      const plan = await this.#resolve(change);
      if (!plan) return;
      session.plan = plan;
      this.followUps.scheduleExpiry(change);
      await this.stages.advance(change);
    });
  }

  async #resolve(change: SessionChange): Promise<SessionPlan | undefined> {
    const { session } = change;
    try {
      const plan = resolvePlan(this.configuration, session.chainId, session.mcpSelection);
      return { ...plan, budget: tightened(plan.budget, session.budget) };
    } catch (error) {
      if (!(error instanceof ResolutionError)) throw error;
      session.plan = {};
      await this.stages.end(change, 'failed', error.message);
      return undefined;
    }
  }
}
