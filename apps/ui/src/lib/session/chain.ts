import { TERMINAL_SESSION_STATUSES, type ExecutionView, type SessionDetail, type StageView } from '@tarsy/contracts';

/** One agent in the picture of a chain. */
export interface ChainAgent {
  readonly executionId: string;
  readonly name: string;
  /** What answers: the model, or the provider where the model is not named. */
  readonly model: string | undefined;
  readonly status: string;
  readonly startedAt: string | null;
  readonly durationMs: number | null;
  readonly totalTokens: number;
  /** Estimated; undefined where estimation is off or nothing it used has a price. */
  readonly costUsd: number | undefined;
  /** A part of what it used has no price. */
  readonly isCostPartial: boolean;
  /** The model that was meant to answer, and why it does not; undefined while it does. */
  readonly fallback: { readonly model: string; readonly reason: string } | undefined;
  readonly errorMessage: string | null;
  readonly subAgents: readonly ChainAgent[];
}

/** One stage in the picture of a chain: what ran, what runs, or what comes. */
export interface ChainStage {
  /** Absent while the stage is still to come. */
  readonly id: string | undefined;
  readonly name: string;
  readonly index: number;
  readonly type: StageView['stage_type'];
  readonly status: string;
  /** From its first agent's start to its end; undefined until it ended. */
  readonly durationMs: number | undefined;
  readonly agents: readonly ChainAgent[];
  /** Names of the agents of a stage that is still to come. */
  readonly comingAgents: readonly string[];
}

/** Statuses that events have told since the session was read. */
export interface LiveStatuses {
  readonly stages: Readonly<Record<string, string>>;
  readonly executions: Readonly<Record<string, string>>;
}

export const NOTHING_LIVE: LiveStatuses = { stages: {}, executions: {} };

const ENDED: ReadonlySet<string> = new Set(TERMINAL_SESSION_STATUSES);
const PLANNED_TYPES: ReadonlySet<StageView['stage_type']> = new Set(['investigation', 'action', 'exec_summary']);

/** The stages of a session from first to last: those that began, then those that the chain still has planned. */
export function chainOf(detail: SessionDetail, live: LiveStatuses): ChainStage[] {
  const stages = detail.stages.map((stage) => stageOf(stage, live));
  return [...stages, ...(ENDED.has(detail.status) ? [] : comingStages(detail))];
}

/** A synthesis is begun between planned stages, so only what was planned is counted. */
function comingStages({ stages, planned_stages: planned }: SessionDetail): ChainStage[] {
  const begun = stages.filter(({ stage_type }) => PLANNED_TYPES.has(stage_type)).length;
  return planned.slice(begun).map(({ stage_name, stage_type, agents }, position) => ({
    id: undefined,
    name: stage_name,
    index: stages.length + position + 1,
    type: stage_type,
    status: 'pending',
    durationMs: undefined,
    agents: [],
    comingAgents: agents,
  }));
}

/** Whether the stage is still at work, by what was read of it and what was told since. */
export const isStageOpen = (stageId: string, views: readonly StageView[], live: LiveStatuses): boolean =>
  !ENDED.has(newer(views.find(({ id }) => id === stageId)?.status ?? 'active', live.stages[stageId]));

const stageOf = (stage: StageView, live: LiveStatuses): ChainStage => ({
  id: stage.id,
  name: stage.stage_name,
  index: stage.stage_index,
  type: stage.stage_type,
  status: newer(stage.status, live.stages[stage.id]),
  durationMs: stage.started_at && stage.completed_at ? Date.parse(stage.completed_at) - Date.parse(stage.started_at) : undefined, // prettier-ignore
  comingAgents: [],
  agents: (stage.executions ?? []).map((execution) => agentOf(execution, live)),
});

const agentOf = (execution: ExecutionView, live: LiveStatuses): ChainAgent => ({
  executionId: execution.execution_id,
  name: execution.agent_name,
  model: execution.model_name ?? execution.llm_provider ?? undefined,
  status: newer(execution.status, live.executions[execution.execution_id]),
  startedAt: execution.started_at,
  durationMs: execution.duration_ms,
  totalTokens: execution.total_tokens,
  costUsd:
    execution.total_tokens === 0 || execution.cost_completeness === 'none' ? undefined : execution.estimated_cost_usd,
  isCostPartial: execution.cost_completeness === 'partial',
  fallback: fallbackOf(execution),
  errorMessage: execution.error_message,
  subAgents: (execution.sub_agents ?? []).map((each) => agentOf(each, live)),
});

function fallbackOf(execution: ExecutionView): ChainAgent['fallback'] {
  const model = execution.original_model_name ?? execution.original_llm_provider;
  return model === undefined ? undefined : { model, reason: execution.fallback_reason ?? '' };
}

/** What was read may be newer than what was told, and the other way round; an end is never taken back. */
const newer = (read: string, told: string | undefined): string =>
  told === undefined || ENDED.has(read) ? read : told === 'started' ? 'active' : told;

/** Every agent of the chain by its execution, sub-agents included. */
export function agentsById(stages: readonly ChainStage[]): Map<string, ChainAgent> {
  const found = new Map<string, ChainAgent>();
  const add = (agent: ChainAgent): void => {
    found.set(agent.executionId, agent);
    agent.subAgents.forEach(add);
  };
  for (const stage of stages) stage.agents.forEach(add);
  return found;
}
