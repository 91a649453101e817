import type { ResolvedAgent, SessionPlan } from '@tarsy/config';
import type { AgentExecution } from '@tarsy/persistence';
import type { StoredStage } from './stage-records.js';

/** The configuration of an execution, as the session's plan has it. */
export interface PlannedAgent {
  readonly agent: ResolvedAgent;
  /** The agent that the stage itself runs; it decides whom those below it may dispatch. */
  readonly root: ResolvedAgent;
  /** 0 for the stage's own agents. */
  readonly depth: number;
}

/** @throws {Error} the plan does not have the agent */
export function plannedAgentOf(plan: SessionPlan, stage: StoredStage, execution: AgentExecution): PlannedAgent {
  const parent = stage.subAgents.concat(stage.executions).find(({ id }) => id === execution.parentExecutionId);
  if (parent === undefined) {
    const agent = stageAgentOf(plan, stage, execution);
    return { agent, root: agent, depth: 0 };
  }
  const { root, depth } = plannedAgentOf(plan, stage, parent);
  const agent = root.subAgents.find(({ name }) => name === execution.agentName);
  if (!agent) throw missing(execution);
  return { agent, root, depth: depth + 1 };
}

function stageAgentOf(plan: SessionPlan, { row: stage }: StoredStage, execution: AgentExecution): ResolvedAgent {
  const planned = plan.stages[stage.planIndex ?? -1];
  const agent =
    stage.stageType === 'exec_summary'
      ? plan.executiveSummary
      : stage.stageType === 'chat'
        ? plan.chat
        : stage.stageType === 'synthesis'
          ? planned?.synthesis
          : planned?.agents[execution.agentIndex - 1];
  if (!agent) throw missing(execution);
  return agent;
}

const missing = ({ sessionId, agentName }: AgentExecution): Error =>
  new Error(`the plan of session ${sessionId} has no agent ${agentName}`);
