import { Inject, Injectable } from '@nestjs/common';
import type { ExecutionOutcome, ExecutionParked } from '@tarsy/contracts';
import type { Logger } from '@tarsy/observability';
import { storable, type AgentExecution } from '@tarsy/persistence';
import { LOGGER } from '@tarsy/service';
import { stopOf } from '../sessions/session-stop.js';
import { SessionTransactions } from '../sessions/session-transactions.js';
import { Mailboxes } from '../sub-agents/mailboxes.service.js';
import { SubAgentsService } from '../sub-agents/sub-agents.service.js';
import { StageEnds } from './stage-ends.js';
import { StageRecords } from './stage-records.js';

/** Applies the ends of executions, and what they were parked for. */
@Injectable()
export class OutcomesService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly records: StageRecords,
    private readonly ends: StageEnds,
    private readonly subAgents: SubAgentsService,
    private readonly mailboxes: Mailboxes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Safe to repeat: a second copy finds an execution that has ended, or was woken since, and changes nothing. */
  async apply(outcome: ExecutionOutcome): Promise<void> {
    await this.transactions.apply(outcome.sessionId, async (change) => {
      const execution = await change.rows.execution(outcome.executionId);
      const { sessionId, stageId, executionId, status } = outcome;
      if (!execution) return this.logger.warn({ sessionId, executionId }, 'execution.unknown');
      if (execution.status !== 'active') return;
      this.logger.info({ sessionId, stageId, executionId, status, code: outcome.errorCode }, 'execution.ended');
      await this.records.setExecution(change, execution, status, {
        result: storable(outcome.result ?? null),
        errorCode: outcome.errorCode ?? null,
        errorMessage: storable(outcome.errorMessage ?? null),
        forcedConclusion: outcome.forcedConclusion,
        iterationsUsed: outcome.iterationsUsed,
        ...usedUpBy(outcome),
      });
      await this.records.addActions(change, execution, outcome.actionsExecuted);
      await this.subAgents.ended(change, execution);
      if (execution.parentExecutionId === null) await this.ends.closeIfDone(change, execution.stageId);
    });
  }

  /** Safe to repeat, as {@link apply}. What waits for anything but a person stays active. */
  async park(parked: ExecutionParked): Promise<void> {
    const { sessionId, executionId, wakeCount, reason, iterationsUsed = 0 } = parked;
    await this.transactions.apply(sessionId, async (change) => {
      if (reason !== 'iteration-limit') return await this.mailboxes.park(change, parked);
      const execution = await change.rows.execution(executionId);
      if (execution?.status !== 'active' || execution.wakeCount !== wakeCount) return;
      this.logger.info({ sessionId, executionId, iterationsUsed }, 'execution.paused');
      const stop = stopOf(change.session);
      const pausedAt = change.clock.now();
      if (stop) await this.records.setExecution(change, execution, stop.status, { errorMessage: stop.reason });
      else
        await this.records.setExecution(change, execution, 'paused', { iterationsUsed, pausedAt, ...usedUpBy(parked) });
      await this.ends.closeIfDone(change, execution.stageId);
    });
  }
}

function usedUpBy({
  usage,
}: Pick<ExecutionOutcome, 'usage'>): Partial<Pick<AgentExecution, 'tokensUsed' | 'toolCallsUsed' | 'costUsed'>> {
  return usage ? { tokensUsed: usage.tokens, toolCallsUsed: usage.toolCalls, costUsed: usage.costUsd } : {};
}
