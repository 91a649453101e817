import type { ExecutionView, SessionDetail, TimelineEventView } from '@tarsy/contracts';
import type { ChaosSystem } from './chaos-system.js';

/** What an agent says that waits for its sub-agents. */
export const WAITING = 'I wait.';

export interface FinalExecution {
  readonly agent: string;
  readonly status: string;
  readonly model: string | undefined;
  /** What people read of it, in its order. How often it waited is left out. */
  readonly events: readonly string[];
  readonly children: readonly FinalExecution[];
}

/** What is read of an ended session, without what no two runs have in common: ids, times, and what tools answered. */
export interface FinalState {
  readonly status: string;
  readonly analysis: string | undefined;
  readonly summary: string | undefined;
  readonly error: string | null;
  readonly stages: readonly {
    readonly name: string;
    readonly type: string;
    readonly status: string;
    readonly parallel: string | null;
    readonly executions: readonly FinalExecution[];
  }[];
}

export async function finalStateOf({ system }: ChaosSystem, sessionId: string, marker: string): Promise<FinalState> {
  const session = await system.get<SessionDetail>(`/sessions/${sessionId}`);
  const events = await system.get<TimelineEventView[]>(`/sessions/${sessionId}/timeline`);
  const textOf = (text: string | null | undefined): string | undefined => text?.replaceAll(marker, 'MARKER');
  const eventsOf = (id: string): string[] =>
    events
      .filter(({ execution_id: executionId, content }) => executionId === id && content !== WAITING)
      .map(({ event_type: type, status, content }) => type === 'llm_tool_call' ? type : `${type} ${status}: ${textOf(content)}`); // prettier-ignore
  const executionOf = (execution: ExecutionView): FinalExecution => ({
    agent: execution.agent_name,
    status: execution.status,
    model: execution.model_name,
    events: eventsOf(execution.execution_id),
    children: (execution.sub_agents ?? []).map(executionOf),
  });
  return {
    status: session.status,
    analysis: textOf(session.final_analysis),
    summary: textOf(session.executive_summary),
    error: session.error_message,
    stages: session.stages.map((stage) => ({
      name: stage.stage_name,
      type: stage.stage_type,
      status: stage.status,
      parallel: stage.parallel_type,
      executions: (stage.executions ?? []).map(executionOf),
    })),
  };
}
