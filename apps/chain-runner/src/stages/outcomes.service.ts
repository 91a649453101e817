import { Inject, Injectable } from '@nestjs/common';
import type { ExecutionOutcome } from '@tarsy/contracts';
import type { Logger } from '@tarsy/observability';
import { AgentExecution, Stage, storable } from '@tarsy/persistence';
import { LOGGER } from '@tarsy/service';
import type { SessionChange } from '../sessions/session-change.js';
import { SessionTransactions } from '../sessions/session-transactions.js';
import { aggregate } from './stage-decisions.js';
import { StageFlow } from './stage-flow.js';
import { StageRecords } from './stage-records.js';

/** Applies the ends of executions. */
@Injectable()
export class OutcomesService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly records: StageRecords,
    private readonly stages: StageFlow,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Safe to repeat: a second copy finds an execution that has ended and changes nothing. */
  async apply(outcome: ExecutionOutcome): Promise<void> {
    await this.transactions.apply(outcome.sessionId, async (change) => {
      const execution = await change.manager.findOneBy(AgentExecution, { id: outcome.executionId });
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
      });
      await this.#closeStage(change, execution.stageId);
    });
  }

  async #closeStage(change: SessionChange, stageId: string): Promise<void> {
    const { manager } = change;
    const executions = await manager.find(AgentExecution, { where: { stageId }, order: { agentIndex: 'ASC' } });
    const topLevel = executions.filter(({ parentExecutionId }) => parentExecutionId === null);
    if (topLevel.some(({ status }) => status === 'active' || status === 'pending')) return;
    const stage = await manager.findOneByOrFail(Stage, { id: stageId });
    const { status, errorMessage } = aggregate(topLevel, stage.successPolicy ?? 'any');
    await this.records.setStage(change, stage, status, errorMessage);
    await this.stages.advance(change);
  }
}
