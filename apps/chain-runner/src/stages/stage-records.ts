import { Injectable } from '@nestjs/common';
import type { ResolvedAgent, SessionPlan } from '@tarsy/config';
import type { ParallelType, RunStatus, StageType, TerminalStatus } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import { AgentExecution, ChatUserMessage, Stage } from '@tarsy/persistence';
import type { SessionChange } from '../sessions/session-change.js';
import type { StageOfSession } from './stage-decisions.js';

const OPEN_STATUSES: readonly RunStatus[] = ['pending', 'active', 'paused'];
const isOpen = (status: RunStatus): boolean => OPEN_STATUSES.includes(status);

export interface NewStage {
  readonly name: string;
  readonly type: StageType;
  readonly planIndex: number | null;
  readonly parallelType: ParallelType | null;
  /** Matters only where there are several agents. */
  readonly successPolicy: 'all' | 'any';
  readonly agents: readonly ResolvedAgent[];
  /** Longest time of the stage, in milliseconds; null or absent where only the session has one. */
  readonly timeoutMs?: number | null;
  /** Of a synthesis: the stage that it merges. */
  readonly referencedStageId?: string;
  /** Of a chat stage: what it answers. */
  readonly question?: ChatUserMessage;
}

/** A stage as it is stored, with its executions and the result they add up to. */
export interface StoredStage extends StageOfSession {
  readonly row: Stage;
  /** Those of the stage itself, in order; sub-agents belong to their parents. */
  readonly executions: readonly AgentExecution[];
  /** All below them, in the order in which their parents dispatched them. */
  readonly subAgents: readonly AgentExecution[];
  /** Of a chat stage: what it answers. */
  readonly question?: ChatUserMessage;
}

type ExecutionEnd = Partial<
  Pick<
    AgentExecution,
    | 'result'
    | 'errorCode'
    | 'errorMessage'
    | 'forcedConclusion'
    | 'iterationsUsed'
    | 'tokensUsed'
    | 'toolCallsUsed'
    | 'costUsed'
    | 'wakeCount'
    | 'pausedAt'
    | 'completedAt'
  >
>;

/** Stage and execution rows of a session; each change of a status is a lifecycle event of the same transaction. */
@Injectable()
export class StageRecords {
  /** In order. */
  async stagesOf({ manager, rows, session }: SessionChange): Promise<StoredStage[]> {
    const sessionId = session.id;
    const stages = await rows.stages();
    const executions = await rows.executions();
    const hasChat = stages.some(({ stageType }) => stageType === 'chat');
    const questions = hasChat ? await manager.findBy(ChatUserMessage, { sessionId }) : [];
    return stages.map((row) => {
      const ofStage = executions.filter(({ stageId }) => stageId === row.id);
      const question = questions.find(({ id }) => id === row.chatUserMessageId);
      return storedStage(row, ofStage, question);
    });
  }

  /** @param before All stages that the session has so far, in order. */
  async begin(change: SessionChange, given: NewStage, before: readonly StoredStage[]): Promise<StoredStage> {
    const { manager, session, clock } = change;
    const { agents, successPolicy, question } = given;
    const stageIndex = before.length + 1;
    const stage = manager.create(Stage, {
      id: derivedId(session.id, 'stage', stageIndex),
      sessionId: session.id,
      stageName: given.name,
      stageIndex,
      stageType: given.type,
      planIndex: given.planIndex,
      expectedAgentCount: agents.length,
      parallelType: given.parallelType,
      successPolicy: agents.length === 1 ? null : successPolicy,
      referencedStageId: given.referencedStageId ?? null,
      chatId: question?.chatId ?? null,
      chatUserMessageId: question?.id ?? null,
      startedAt: clock.now(),
      deadlineAt: given.timeoutMs ? new Date(clock.nowMs() + given.timeoutMs) : null,
    });
    // Answers to questions are no progress of the investigation.
    if (!question) Object.assign(session, { currentStageIndex: stageIndex, currentStageId: stage.id });
    await this.setStage(change, stage, 'active');
    const executions = agents.map((agent, index) =>
      manager.create(AgentExecution, {
        id: derivedId(stage.id, 'execution', index + 1),
        sessionId: session.id,
        stageId: stage.id,
        parentExecutionId: null,
        agentName: agent.name,
        agentIndex: index + 1,
        llmBackend: agent.model.backend,
        llmProvider: agent.model.provider,
        modelName: agent.model.model,
        startedAt: clock.now(),
        wakeCount: 0,
        mailbox: [],
        parkedAt: null,
        deadlineAt: null,
      }),
    );
    for (const execution of executions) await this.setExecution(change, execution, 'active');
    return storedStage(stage, executions, question);
  }

  async setStage(change: SessionChange, stage: Stage, status: RunStatus, errorMessage?: string): Promise<void> {
    stage.status = status;
    if (!isOpen(status)) stage.completedAt = change.clock.now();
    stage.errorMessage = errorMessage ?? null;
    await change.rows.save(stage);
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

  /** An action stage has executed something if any of its own agents says so; undefined where the agent does not say. */
  async addActions(
    { manager }: SessionChange,
    { stageId, parentExecutionId }: AgentExecution,
    actionsExecuted: boolean | undefined,
  ): Promise<void> {
    if (actionsExecuted === undefined || parentExecutionId !== null) return;
    await manager.query(
      `UPDATE stages SET actions_executed = coalesce(actions_executed, false) OR $2 WHERE id = $1 AND stage_type = 'action'`,
      [stageId, actionsExecuted],
    );
  }

  async setExecution(
    change: SessionChange,
    execution: AgentExecution,
    status: RunStatus,
    end: ExecutionEnd = {},
  ): Promise<void> {
    Object.assign(execution, end, { status });
    if (!isOpen(status)) execution.completedAt ??= change.clock.now();
    if (status !== 'paused') execution.pausedAt = null;
    await change.rows.save(execution);
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

  /** Ends whatever of the session has not ended, executions before their stages. */
  async closeActive(change: SessionChange, status: TerminalStatus, errorMessage?: string): Promise<void> {
    const { rows } = change;
    const closing = status === 'completed' ? 'cancelled' : status;
    for (const execution of await rows.executions())
      if (isOpen(execution.status))
        await this.setExecution(change, execution, closing, { errorMessage: errorMessage ?? null });
    for (const stage of await rows.stages())
      if (isOpen(stage.status)) await this.setStage(change, stage, closing, errorMessage);
  }
}

/** @param executions All of the stage, sub-agents included. */
function storedStage(row: Stage, executions: readonly AgentExecution[], question?: ChatUserMessage): StoredStage {
  const own = executions.filter(({ parentExecutionId }) => parentExecutionId === null);
  const subAgents = executions.filter(({ parentExecutionId }) => parentExecutionId !== null);
  const { stageType, planIndex, status, errorMessage } = row;
  const stored = { row, stageType, planIndex, status, errorMessage, executions: own, subAgents, result: resultOf(own) };
  return question ? { ...stored, question } : stored;
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
  return stages.length + stages.filter(({ synthesis }) => synthesis).length + 1;
}

export function optional<Key extends string, Value>(key: Key, value: Value | null | undefined): { [K in Key]?: Value } {
  return (value === null || value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}
