import type { SessionPlan } from '@tarsy/config';
import type { SessionBudget, TaskScheduled } from '@tarsy/contracts';
import type { AgentExecution, AlertSession, Stage } from '@tarsy/persistence';
import type { StoredStage } from './stage-records.js';

/** Of two limits the smaller one; a sender of alerts can not allow himself more than the chain does. */
export function tightened(limits: SessionBudget, others: SessionBudget | null): SessionPlan['budget'] {
  const smaller = (one: number | undefined, other: number | undefined): number | undefined =>
    one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
  return {
    maxTokens: smaller(limits.maxTokens, others?.maxTokens),
    maxToolCalls: smaller(limits.maxToolCalls, others?.maxToolCalls),
    maxCostUsd: smaller(limits.maxCostUsd, others?.maxCostUsd),
    maxWallTimeMs: smaller(limits.maxWallTimeMs, others?.maxWallTimeMs),
  };
}

/**
 * What one execution of a stage may use up: what earlier stages left of the session's budget, in equal parts. Parts need no word between
 * workers, and parallel agents can not use up more together than there is; a sub-agent may use as much as the agent that dispatched it. Nothing for a session without a budget.
 *
 * @param stages All of the session, in order.
 * @param prices Of the models that the execution may call.
 */
export function budgetShareOf(
  session: AlertSession,
  stages: readonly StoredStage[],
  stage: Stage,
  prices: () => NonNullable<TaskScheduled['budget']>['prices'],
): Pick<TaskScheduled, 'budget'> {
  // A synthesis and the summary are one call each: the conclusion that a budget asks for.
  if (stage.stageType !== 'investigation' && stage.stageType !== 'action') return {};
  const { budget } = session.plan as SessionPlan;
  // Sessions that were planned before there were budgets have none.
  const { maxTokens, maxToolCalls, maxCostUsd, maxWallTimeMs } = budget ?? {};
  if ([maxTokens, maxToolCalls, maxCostUsd, maxWallTimeMs].every((limit) => limit === undefined)) return {};
  const before = stages.filter(({ row }) => row.stageIndex < stage.stageIndex);
  const spenders = before.flatMap(({ executions, subAgents }) => [...executions, ...subAgents]);
  const share = (most: number | undefined, used: (execution: AgentExecution) => number): number | undefined => {
    if (most === undefined) return undefined;
    const left = spenders.reduce((rest, execution) => rest - used(execution), most);
    return Math.max(0, left / stage.expectedAgentCount);
  };
  const whole = (count: number | undefined): number | undefined => count && Math.floor(count);
  const concludeAt =
    maxWallTimeMs === undefined || session.runningSince === null
      ? undefined
      : new Date(session.runningSince.getTime() + maxWallTimeMs).toISOString();
  return {
    budget: {
      tokens: whole(share(maxTokens, ({ tokensUsed }) => tokensUsed)),
      toolCalls: whole(share(maxToolCalls, ({ toolCallsUsed }) => toolCallsUsed)),
      ...(maxCostUsd === undefined ? {} : { costUsd: share(maxCostUsd, ({ costUsed }) => costUsed), prices: prices() }),
      concludeAt,
    },
  };
}
