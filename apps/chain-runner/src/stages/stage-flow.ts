import { Injectable } from '@nestjs/common';
import type { ResolvedAgent, SessionPlan } from '@tarsy/config';
import { admitSessions, taskScheduled, type RunStatus, type StageType, type TerminalStatus } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import { AgentExecution, Stage } from '@tarsy/persistence';
import type { SessionChange } from '../sessions/session-change.js';
import { SessionMetrics } from '../sessions/session-metrics.js';
import { stopOf } from '../sessions/session-stop.js';
import { finalAnalysisOf, nextStep, nextStepWhenStopped, type StageOfSession } from './stage-decisions.js';
import { TaskFactory } from './task-factory.js';

const EXECUTIVE_SUMMARY = 'Executive Summary';

interface NewStage {
  readonly name: string;
  readonly type: StageType;
  readonly successPolicy: 'all' | 'any';
  readonly agents: readonly ResolvedAgent[];
}

/** Moves a session from stage to stage and to its end, inside the transaction of a {@link SessionChange}. */
@Injectable()
export class StageFlow {
  constructor(
    private readonly tasks: TaskFactory,
    private readonly metrics: SessionMetrics,
  ) {}

  /** Takes the next step that the stored rows ask for; none while a stage is active. */
  async advance(change: SessionChange): Promise<void> {
    const plan = change.session.plan as SessionPlan;
    const stages = await this.#stagesOf(change);
    const stop = stopOf(change.session);
    const step = stop ? nextStepWhenStopped(stages, plan.stages.length, stop) : nextStep(stages, plan.stages.length);
    switch (step.kind) {
      case 'wait':
        return;
      case 'stage': {
        const stage = plan.stages[step.planIndex]!;
        return await this.#startStage(change, stage);
      }
      case 'executive-summary':
        return await this.#startStage(change, {
          name: EXECUTIVE_SUMMARY,
          type: 'exec_summary',
          successPolicy: 'any',
          agents: [plan.executiveSummary],
        });
      case 'end':
        return await this.end(change, step.status, step.errorMessage);
    }
  }

  /** Publishes the tasks of active executions again: a copy of a redelivered message may not have got that far. */
  async republishTasks(change: SessionChange): Promise<void> {
    const { manager, session } = change;
    if (session.status !== 'in_progress') return;
    const stage = await manager.findOneBy(Stage, { sessionId: session.id, status: 'active' });
    if (!stage) return;
    const executions = await manager.findBy(AgentExecution, { stageId: stage.id, status: 'active' });
    await this.#publishTasks(change, stage, executions);
  }

  /** The session's last transition. Nothing below it stays active, and what completed stages found is kept. */
  async end(change: SessionChange, status: TerminalStatus, errorMessage?: string): Promise<void> {
    const { manager, session } = change;
    await this.#closeActive(change, status, errorMessage);
    const stages = await this.#stagesOf(change);
    const summary = stages.find(({ stageType }) => stageType === 'exec_summary');
    session.status = status;
    session.completedAt = change.clock.now();
    session.errorMessage = status === 'completed' ? null : (errorMessage ?? session.errorMessage);
    session.finalAnalysis = finalAnalysisOf(stages) ?? null;
    session.executiveSummary = summary?.status === 'completed' ? (summary.result?.trim() ?? null) : null;
    session.executiveSummaryError =
      summary && summary.status !== 'completed' ? (summary.errorMessage ?? summary.status) : null;
    session.reviewStatus ??= status === 'cancelled' ? 'reviewed' : 'needs_review';
    await manager.save(session);
    change.emit({
      type: 'session-status-changed',
      status,
      ...optional('errorMessage', session.errorMessage),
      ...optional('finalAnalysis', session.finalAnalysis),
      ...optional('executiveSummary', session.executiveSummary),
      ...optional('executiveSummaryError', session.executiveSummaryError),
    });
    change.publish(admitSessions, { cause: `${session.id}:ended` });
    this.metrics.ended(session, status);
  }

  async setStage(change: SessionChange, stage: Stage, status: RunStatus, errorMessage?: string): Promise<void> {
    stage.status = status;
    if (status !== 'active') stage.completedAt = change.clock.now();
    stage.errorMessage = errorMessage ?? null;
    await change.manager.save(stage);
    change.emit({
      type: 'stage-status-changed',
      stageId: stage.id,
      stageName: stage.stageName,
      stageIndex: stage.stageIndex,
      stageType: stage.stageType,
      status,
      ...optional('referencedStageId', stage.referencedStageId),
      ...optional('errorMessage', stage.errorMessage),
      totalStages: totalStagesOf(change.session.plan as SessionPlan),
    });
  }

  async setExecution(
    change: SessionChange,
    execution: AgentExecution,
    status: RunStatus,
    end: Partial<
      Pick<AgentExecution, 'result' | 'errorCode' | 'errorMessage' | 'forcedConclusion' | 'iterationsUsed'>
    > = {},
  ): Promise<void> {
    Object.assign(execution, end, { status });
    if (status !== 'active') execution.completedAt = change.clock.now();
    await change.manager.save(execution);
    change.emit({
      type: 'execution-status-changed',
      stageId: execution.stageId,
      executionId: execution.id,
      agentName: execution.agentName,
      agentIndex: execution.agentIndex,
      status,
      ...optional('parentExecutionId', execution.parentExecutionId),
      ...optional('errorMessage', execution.errorMessage),
    });
  }

  async #startStage(change: SessionChange, { name, type, successPolicy, agents }: NewStage): Promise<void> {
    const { manager, session } = change;
    const stageIndex = (await manager.countBy(Stage, { sessionId: session.id })) + 1;
    const stage = manager.create(Stage, {
      id: derivedId(session.id, 'stage', stageIndex),
      sessionId: session.id,
      stageName: name,
      stageIndex,
      stageType: type,
      expectedAgentCount: agents.length,
      parallelType: agents.length === 1 ? null : isReplicated(agents) ? 'replica' : 'multi_agent',
      successPolicy: agents.length === 1 ? null : successPolicy,
      startedAt: change.clock.now(),
    });
    session.currentStageIndex = stageIndex;
    session.currentStageId = stage.id;
    await this.setStage(change, stage, 'active');
    const executions: AgentExecution[] = [];
    for (const [index, agent] of agents.entries()) {
      const execution = manager.create(AgentExecution, {
        id: derivedId(stage.id, 'execution', index + 1),
        sessionId: session.id,
        stageId: stage.id,
        agentName: agent.name,
        agentIndex: index + 1,
        llmBackend: agent.model.backend,
        llmProvider: agent.model.provider,
        modelName: agent.model.model,
        startedAt: change.clock.now(),
        wakeCount: 0,
      });
      await this.setExecution(change, execution, 'active');
      executions.push(execution);
    }
    await this.#publishTasks(change, stage, executions);
  }

  async #publishTasks(change: SessionChange, stage: Stage, executions: AgentExecution[]): Promise<void> {
    const before = (await this.#stagesOf(change)).filter(({ id }) => id !== stage.id);
    const previousStages = before
      .filter(({ status, stageType }) => status === 'completed' && stageType !== 'exec_summary')
      .map(({ stageName, result }) => ({ name: stageName, result: result ?? '' }));
    const finalAnalysis = stage.stageType === 'exec_summary' ? finalAnalysisOf(before) : undefined;
    for (const execution of executions)
      change.publish(
        taskScheduled,
        this.tasks.taskFor({ session: change.session, stage, execution, previousStages, finalAnalysis }),
      );
  }

  async #closeActive(change: SessionChange, status: TerminalStatus, errorMessage?: string): Promise<void> {
    const { manager, session } = change;
    const closing = status === 'completed' ? 'cancelled' : status;
    for (const execution of await manager.findBy(AgentExecution, { sessionId: session.id, status: 'active' }))
      await this.setExecution(change, execution, closing, { errorMessage: errorMessage ?? null });
    for (const stage of await manager.findBy(Stage, { sessionId: session.id, status: 'active' }))
      await this.setStage(change, stage, closing, errorMessage);
  }

  async #stagesOf({
    manager,
    session,
  }: SessionChange): Promise<(StageOfSession & { id: string; stageName: string })[]> {
    const [stages, executions] = [
      await manager.find(Stage, { where: { sessionId: session.id }, order: { stageIndex: 'ASC' } }),
      await manager.find(AgentExecution, { where: { sessionId: session.id }, order: { agentIndex: 'ASC' } }),
    ];
    return stages.map(({ id, stageName, stageType, status, errorMessage }) => ({
      id,
      stageName,
      stageType,
      status,
      errorMessage,
      result: resultOf(executions.filter((execution) => execution.stageId === id)),
    }));
  }
}

/** One agent's result as it is; several under a heading each. */
function resultOf(executions: readonly AgentExecution[]): string | null {
  const completed = executions.filter(({ status, result }) => status === 'completed' && result);
  if (completed.length <= 1) return completed[0]?.result ?? null;
  return completed.map(({ agentName, result }) => `## ${agentName}\n\n${result}`).join('\n\n');
}

/** Stages of the chain, one synthesis for each parallel stage, and the executive summary. */
function totalStagesOf(plan: SessionPlan): number {
  const stages = plan.stages ?? [];
  return stages.length + stages.filter(({ agents }) => agents.length > 1).length + 1;
}

function isReplicated(agents: readonly ResolvedAgent[]): boolean {
  return new Set(agents.map(({ name }) => name.replace(/-\d+$/, ''))).size === 1;
}

function optional<Key extends string, Value>(key: Key, value: Value | null | undefined): { [K in Key]?: Value } {
  return (value === null || value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}
