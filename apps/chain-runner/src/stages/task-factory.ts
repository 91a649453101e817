import { Inject, Injectable } from '@nestjs/common';
import type { ResolvedAgent, SessionPlan, Skill } from '@tarsy/config';
import { SEVERITY_PRIORITY, type TaskScheduled } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import type { AgentExecution, AlertSession, Stage } from '@tarsy/persistence';
import { ModelPrices } from '../recorder/model-prices.js';
import { CHAIN_RUNNER_ENVIRONMENT, type ChainRunnerEnvironment } from '../chain-runner.config.js';
import { chatContextOf } from '../chats/chat-context.js';
import { budgetShareOf } from './budget-share.js';
import { plannedAgentOf, type PlannedAgent } from './planned-agent.js';
import { chainContextOf, finalAnalysisOf } from './stage-decisions.js';
import { optional, type StoredStage } from './stage-records.js';

/** TARSy's fixed limits, in milliseconds; the reference behaviour names each of them. */
const LIMITS = {
  iterationTimeoutMs: 6 * 60_000,
  llmCallTimeoutMs: 5 * 60_000,
  toolCallTimeoutMs: 60_000,
};

/** Makes the task of an execution from stored rows alone, so that the same rows give the same task again. */
@Injectable()
export class TaskFactory {
  constructor(
    @Inject(CHAIN_RUNNER_ENVIRONMENT) private readonly environment: ChainRunnerEnvironment,
    private readonly prices: ModelPrices,
    private readonly clock: Clock,
  ) {}

  /**
   * @param stages All of the session, in order.
   * @param histories For an answer in a chat: what executions did, where their journals do not tell any more.
   */
  taskFor(
    session: AlertSession,
    stages: readonly StoredStage[],
    execution: AgentExecution,
    histories: ReadonlyMap<string, string> = new Map(),
  ): TaskScheduled {
    const plan = session.plan as SessionPlan;
    const stored = stages.find(({ row }) => row.id === execution.stageId)!;
    const { row: stage } = stored;
    const before = stages.filter(({ row }) => row.stageIndex < stage.stageIndex);
    const planned = plannedAgentOf(plan, stored, execution);
    const { agent } = planned;
    const { firstTokenTimeoutMs, stallTimeoutMs } = this.environment;
    return {
      sessionId: session.id,
      stageId: stage.id,
      executionId: execution.id,
      wakeCount: execution.wakeCount,
      pool: this.environment.workerPool,
      priority: SEVERITY_PRIORITY[session.severity],
      deadlineAt: deadlineOf(session, stage, execution).toISOString(),
      stage: { name: stage.stageName, index: stage.stageIndex, type: stage.stageType },
      agent: {
        name: execution.agentName,
        kind: agent.kind,
        description: agent.description,
        customInstructions: agent.customInstructions,
        maxIterations: agent.maxIterations,
        ...optional('needsNativeTools', agent.needsNativeTools),
        forceConclusion: agent.forceConclusion,
      },
      model: agent.model,
      ...optional('fallbackModels', agent.fallbackModels && [...agent.fallbackModels]),
      toolServers: [...agent.toolServers],
      alert: { type: session.alertType, data: session.alertData, receivedAt: session.createdAt.toISOString() },
      ...optional('holidays', plan.holidays && [...plan.holidays]),
      ...(plan.defaultRunbook ? { runbook: plan.defaultRunbook } : {}),
      ...runbookSourceOf(plan, session),
      ...skillsOf(plan, agent),
      ...(planned.depth === 0 ? findingsFor(stage, before) : { previousStages: [] }),
      ...(planned.depth === 0 ? optional('chat', chatContextOf(session, stored, before, histories)) : {}),
      ...subAgentsOf(planned),
      ...assignmentOf(stored, execution),
      ...budgetShareOf(session, stages, stage, () => this.#pricesOf(agent)),
      limits: { ...LIMITS, firstTokenTimeoutMs, stallTimeoutMs },
    };
  }

  #pricesOf({ model, fallbackModels = [] }: ResolvedAgent): NonNullable<TaskScheduled['budget']>['prices'] {
    const nowMs = this.clock.nowMs();
    const names = [model, ...fallbackModels].map((one) => one.model);
    return Object.fromEntries(
      names.flatMap((name) => {
        const price = this.prices.list.priceOf(name, nowMs);
        return price ? [[name, price]] : [];
      }),
    );
  }
}

/** The earliest of the deadlines of session, stage and sub-agent. A session that is asked about has had its time. */
function deadlineOf({ deadlineAt, createdAt }: AlertSession, stage: Stage, execution: AgentExecution): Date {
  const ofSession = stage.stageType === 'chat' ? null : (deadlineAt ?? createdAt);
  const dates = [ofSession, stage.deadlineAt, execution.deadlineAt].filter((date) => date !== null);
  return new Date(Math.min(...dates.map((date) => date.getTime())));
}

type Findings = Pick<TaskScheduled, 'previousStages' | 'parallelResults' | 'finalAnalysis'>;

/** What the agents of a stage are told of the stages before it. */
function findingsFor(stage: Stage, before: readonly StoredStage[]): Findings {
  switch (stage.stageType) {
    case 'chat':
      return { previousStages: [] };
    case 'exec_summary':
      return { previousStages: [], ...optional('finalAnalysis', finalAnalysisOf(before)) };
    case 'synthesis':
      return { previousStages: [], ...optional('parallelResults', parallelResultsOf(stage, before)) };
    default:
      return {
        previousStages: chainContextOf(before).map(({ row, result }) => ({
          name: row.stageName,
          result: result ?? '',
        })),
      };
  }
}

function skillsOf(
  { skills }: SessionPlan,
  agent: ResolvedAgent,
): Pick<TaskScheduled, 'requiredSkills' | 'availableSkills'> {
  const pinned = (names: readonly string[]): Skill[] => names.flatMap((name) => skills[name] ?? []);
  const [required, onDemand] = [pinned(agent.skills.required), pinned(agent.skills.onDemand)];
  return {
    ...(required.length > 0 ? { requiredSkills: required } : {}),
    ...(onDemand.length > 0 ? { availableSkills: onDemand } : {}),
  };
}

function parallelResultsOf(
  { referencedStageId }: Stage,
  before: readonly StoredStage[],
): TaskScheduled['parallelResults'] {
  const merged = before.find(({ row }) => row.id === referencedStageId);
  if (!merged) return undefined;
  return {
    stageName: merged.row.stageName,
    executions: merged.executions.map(({ id, agentName, agentIndex, llmBackend, llmProvider, modelName, ...end }) => ({
      executionId: id,
      agentName,
      agentIndex,
      backend: llmBackend,
      provider: llmProvider ?? '',
      model: modelName ?? '',
      status: end.status,
      ...optional('result', end.result),
      ...optional('errorMessage', end.errorMessage),
    })),
  };
}

function subAgentsOf({ root, depth }: PlannedAgent): Pick<TaskScheduled, 'subAgents'> {
  const { maxConcurrentAgents, agentTimeoutMs, maxBudgetMs, maxDepth } = root.orchestrator;
  if (root.subAgents.length === 0 || depth >= maxDepth) return {};
  const agents = root.subAgents.map(({ name, description, toolServers, model }) => ({
    name,
    description,
    toolServers: toolServers.map(({ id }) => id),
    nativeTools: Object.keys(model.nativeTools).filter((tool) => model.nativeTools[tool] === true),
  }));
  return { subAgents: { agents, maxConcurrentAgents, agentTimeoutMs, maxBudgetMs } };
}

function assignmentOf(
  { executions, subAgents }: StoredStage,
  { parentExecutionId, task }: AgentExecution,
): Pick<TaskScheduled, 'assignment'> {
  const parent = [...executions, ...subAgents].find(({ id }) => id === parentExecutionId);
  if (parent === undefined) return {};
  return { assignment: { parentExecutionId: parent.id, parentAgentName: parent.agentName, task: task ?? '' } };
}

function runbookSourceOf(
  { runbooks }: SessionPlan,
  { runbookUrl }: AlertSession,
): Pick<TaskScheduled, 'runbookSource'> {
  if (runbooks === undefined || runbookUrl === null) return {};
  return { runbookSource: { url: runbookUrl, ...runbooks, allowedDomains: [...runbooks.allowedDomains] } };
}
