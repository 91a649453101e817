import { Inject, Injectable } from '@nestjs/common';
import type { ResolvedAgent, SessionPlan } from '@tarsy/config';
import { SEVERITY_PRIORITY, type TaskScheduled } from '@tarsy/contracts';
import type { AgentExecution, AlertSession, Stage } from '@tarsy/persistence';
import { CHAIN_RUNNER_ENVIRONMENT, type ChainRunnerEnvironment } from '../chain-runner.config.js';

/** TARSy's fixed limits, in milliseconds; the reference behaviour names each of them. */
const LIMITS: TaskScheduled['limits'] = {
  iterationTimeoutMs: 6 * 60_000,
  llmCallTimeoutMs: 5 * 60_000,
  firstTokenTimeoutMs: 120_000,
  stallTimeoutMs: 60_000,
  toolCallTimeoutMs: 60_000,
};

export interface TaskSource {
  readonly session: AlertSession;
  readonly stage: Stage;
  readonly execution: AgentExecution;
  /** Completed stages before this one, in order, with their results. */
  readonly previousStages: readonly { readonly name: string; readonly result: string }[];
  readonly finalAnalysis: string | undefined;
}

/** Makes the task of an execution from stored rows alone, so that the same rows give the same task again. */
@Injectable()
export class TaskFactory {
  constructor(@Inject(CHAIN_RUNNER_ENVIRONMENT) private readonly environment: ChainRunnerEnvironment) {}

  taskFor({ session, stage, execution, previousStages, finalAnalysis }: TaskSource): TaskScheduled {
    const plan = session.plan as SessionPlan;
    const agent = agentOf(plan, stage, execution);
    return {
      sessionId: session.id,
      stageId: stage.id,
      executionId: execution.id,
      wakeCount: execution.wakeCount,
      pool: this.environment.workerPool,
      priority: SEVERITY_PRIORITY[session.severity],
      deadlineAt: (session.deadlineAt ?? session.createdAt).toISOString(),
      stage: { name: stage.stageName, index: stage.stageIndex, type: stage.stageType },
      agent: {
        name: execution.agentName,
        kind: agent.kind,
        description: agent.description,
        customInstructions: agent.customInstructions,
        maxIterations: agent.maxIterations,
      },
      model: agent.model,
      toolServers: [...agent.toolServers],
      alert: { type: session.alertType, data: session.alertData, receivedAt: session.createdAt.toISOString() },
      ...(plan.defaultRunbook ? { runbook: plan.defaultRunbook } : {}),
      previousStages: [...previousStages],
      ...(finalAnalysis === undefined ? {} : { finalAnalysis }),
      limits: LIMITS,
    };
  }
}

function agentOf(plan: SessionPlan, stage: Stage, execution: AgentExecution): ResolvedAgent {
  if (stage.stageType === 'exec_summary') return plan.executiveSummary;
  const planned = plan.stages.find(({ name, agents }) => name === stage.stageName && agents.some((agent) => agent.name === execution.agentName)); // prettier-ignore
  const agent = planned?.agents[execution.agentIndex - 1];
  if (!agent) throw new Error(`the plan of session ${execution.sessionId} has no agent ${execution.agentName}`);
  return agent;
}
