import { Inject, Injectable } from '@nestjs/common';
import { admitSessions, type ExecutionOutcome } from '@tarsy/contracts';
import type { Logger } from '@tarsy/observability';
import { AgentExecution, Stage } from '@tarsy/persistence';
import { LOGGER } from '@tarsy/service';
import type { SessionChange } from '../sessions/session-change.js';
import { SessionTransactions } from '../sessions/session-transactions.js';
import { aggregate } from './stage-decisions.js';
import { StageFlow } from './stage-flow.js';

/** Applies the ends of executions. */
@Injectable()
export class OutcomesService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly stages: StageFlow,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Safe to repeat: a second copy finds the same rows, changes nothing and publishes the same ids. */
  async apply(outcome: ExecutionOutcome): Promise<void> {
    await this.transactions.apply(outcome.sessionId, async (change) => {
      const execution = await change.manager.findOneBy(AgentExecution, { id: outcome.executionId });
      if (!execution) return;
      if (execution.status !== 'active') return await this.#repeat(change);
      const { sessionId, stageId, executionId, status } = outcome;
      this.logger.info({ sessionId, stageId, executionId, status, code: outcome.errorCode }, 'execution.ended');
      await this.stages.setExecution(change, execution, status, {
        result: outcome.result ?? null,
        errorCode: outcome.errorCode ?? null,
        errorMessage: outcome.errorMessage ?? null,
        forcedConclusion: outcome.forcedConclusion,
        iterationsUsed: outcome.iterationsUsed,
      });
      await this.#closeStage(change, execution.stageId);
    });
  }

  async #closeStage(change: SessionChange, stageId: string): Promise<void> {
    const { manager, session } = change;
    const executions = await manager.find(AgentExecution, { where: { stageId }, order: { agentIndex: 'ASC' } });
    const topLevel = executions.filter(({ parentExecutionId }) => parentExecutionId === null);
    if (topLevel.some(({ status }) => status === 'active' || status === 'pending')) return;
    const stage = await manager.findOneByOrFail(Stage, { id: stageId });
    const { status, errorMessage } = aggregate(topLevel, stage.successPolicy ?? 'any');
    await this.stages.setStage(change, stage, status, errorMessage);
    if (session.status === 'cancelling') await this.stages.end(change, 'cancelled', session.errorMessage ?? undefined);
    else await this.stages.advance(change);
  }

  async #repeat(change: SessionChange): Promise<void> {
    const { session } = change;
    await this.stages.republishTasks(change);
    if (session.completedAt !== null) change.publish(admitSessions, { cause: `${session.id}:ended` });
  }
}
