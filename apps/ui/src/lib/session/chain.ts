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
  readonly errorMessage: string | null;
  readonly subAgents: readonly ChainAgent[];
}

/** One stage in the picture of a chain: what ran, what runs, or what comes. */
export interface ChainStage {
  /** Absent while the stage is only expected. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly index: number;
  readonly type: StageView['stage_type'] | undefined;
  readonly status: string;
  readonly agents: readonly ChainAgent[];
}

/** Statuses that events have told since the session was read. */
export interface LiveStatuses {
  readonly stages: Readonly<Record<string, string>>;
  readonly executions: Readonly<Record<string, string>>;
  /** How many stages the chain will have; 0 while that is not known. */
  readonly totalStages: number;
}

export const NOTHING_LIVE: LiveStatuses = { stages: {}, executions: {}, totalStages: 0 };

const ENDED: ReadonlySet<string> = new Set(TERMINAL_SESSION_STATUSES);

/** The stages of a session from first to last; those that are still to come have no name yet. */
export function chainOf(detail: SessionDetail, live: LiveStatuses): ChainStage[] {
  const stages = detail.stages.map((stage) => stageOf(stage, live));
  const expected = ENDED.has(detail.status) ? 0 : Math.max(live.totalStages - stages.length, 0);
  const coming = Array.from({ length: expected }, (_, position) => ({
    id: undefined,
    name: undefined,
    index: stages.length + position + 1,
    type: undefined,
    status: 'pending',
    agents: [],
  }));
  return [...stages, ...coming];
}

const stageOf = (stage: StageView, live: LiveStatuses): ChainStage => ({
  id: stage.id,
  name: stage.stage_name,
  index: stage.stage_index,
  type: stage.stage_type,
  status: newer(stage.status, live.stages[stage.id]),
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
  errorMessage: execution.error_message,
  subAgents: (execution.sub_agents ?? []).map((each) => agentOf(each, live)),
});

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
