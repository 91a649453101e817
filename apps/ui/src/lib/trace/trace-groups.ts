import type { ExecutionTrace, LlmInteractionItem, McpInteractionItem, SessionTrace } from '@tarsy/contracts';

/** One call of a trace: to a model, or to a tool server. */
export type TraceCall =
  | { readonly kind: 'model'; readonly item: LlmInteractionItem }
  | { readonly kind: 'tool'; readonly item: McpInteractionItem };

/** The calls of one execution, in the order in which they were made. */
export interface TraceGroup {
  readonly key: string;
  readonly stageName: string;
  readonly agentName: string | undefined;
  readonly calls: readonly TraceCall[];
}

/** Every call of a session by execution; sub-agents follow their parent. */
export function traceGroups(trace: SessionTrace, sessionTitle: string): TraceGroup[] {
  const ofStages = trace.stages.flatMap(({ stage_name, executions }) =>
    executions.flatMap((each) => groupsOf(each, stage_name)),
  );
  const ofSession = trace.session_interactions.map((item): TraceCall => ({ kind: 'model', item }));
  if (ofSession.length === 0) return ofStages;
  return [...ofStages, { key: 'session', stageName: sessionTitle, agentName: undefined, calls: ofSession }];
}

function groupsOf(execution: ExecutionTrace, stageName: string): TraceGroup[] {
  const calls: TraceCall[] = [
    ...execution.llm_interactions.map((item) => ({ kind: 'model' as const, item })),
    ...execution.mcp_interactions.map((item) => ({ kind: 'tool' as const, item })),
  ].sort((one, other) => one.item.created_at.localeCompare(other.item.created_at));
  const own: TraceGroup = { key: execution.execution_id, stageName, agentName: execution.agent_name, calls };
  return [own, ...(execution.sub_agents ?? []).flatMap((each) => groupsOf(each, stageName))];
}
