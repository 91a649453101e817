import { Injectable } from '@nestjs/common';
import type { ResolvedAgent, SessionPlan } from '@tarsy/config';
import { admitSessions, expireStage, taskScheduled, type TerminalStatus } from '@tarsy/contracts';
import type { ChatUserMessage, Stage } from '@tarsy/persistence';
import { openAnswerOf } from '../chats/open-answer.js';
import { RecordedHistories } from '../chats/recorded-histories.js';
import type { SessionChange } from '../sessions/session-change.js';
import { SessionMetrics } from '../sessions/session-metrics.js';
import { stopOf } from '../sessions/session-stop.js';
import { finalAnalysisOf, nextStep, nextStepWhenStopped } from './stage-decisions.js';
import { optional, StageRecords, type NewStage, type StoredStage } from './stage-records.js';
import { TaskFactory } from './task-factory.js';

const EXECUTIVE_SUMMARY = 'Executive Summary';
const CHAT = 'Chat';
/** How long workers have to report the ends of executions whose stage is out of time. */
const EXPIRY_GRACE_MS = 30_000;

/** Moves a session from stage to stage and to its end, inside the transaction of a {@link SessionChange}. */
@Injectable()
export class StageFlow {
  constructor(
    private readonly records: StageRecords,
    private readonly tasks: TaskFactory,
    private readonly histories: RecordedHistories,
    private readonly metrics: SessionMetrics,
  ) {}

  /** Takes the next step that the stored rows ask for; none while a stage is active. */
  async advance(change: SessionChange): Promise<void> {
    const plan = change.session.plan as SessionPlan;
    const stages = await this.records.stagesOf(change);
    const stop = stopOf(change.session);
    const step = stop ? nextStepWhenStopped(stages, plan.stages, stop) : nextStep(stages, plan.stages);
    switch (step.kind) {
      case 'wait':
        return;
      case 'stage':
        return void (await this.#begin(change, stages, { ...plan.stages[step.planIndex]!, planIndex: step.planIndex }));
      case 'synthesis': {
        const { name, synthesis } = plan.stages[step.planIndex]!;
        return void (await this.#begin(change, stages, {
          ...GENERATED,
          name: `${name} - Synthesis`,
          type: 'synthesis',
          planIndex: step.planIndex,
          agents: [synthesis!],
          referencedStageId: stages.at(-1)!.row.id,
        }));
      }
      case 'executive-summary':
        if (!plan.executiveSummary) return await this.end(change, 'completed');
        return void (await this.#begin(change, stages, {
          ...GENERATED,
          name: EXECUTIVE_SUMMARY,
          type: 'exec_summary',
          agents: [plan.executiveSummary],
        }));
      case 'end':
        return await this.end(change, step.status, step.errorMessage);
    }
  }

  /** Publishes the tasks of active executions again: a copy of a redelivered message may not have got that far. */
  async republishTasks(change: SessionChange): Promise<void> {
    const stages = await this.records.stagesOf(change);
    const isRunning = change.session.status === 'in_progress';
    const active = isRunning ? stages.find(({ status }) => status === 'active') : openAnswerOf(stages);
    if (active) await this.#publishTasks(change, stages, active);
  }

  /** A stage that answers a question about the session, which has ended and stays so. */
  async beginAnswer(
    change: SessionChange,
    before: readonly StoredStage[],
    agent: ResolvedAgent,
    question: ChatUserMessage,
    timeoutMs: number,
  ): Promise<StoredStage> {
    return await this.#begin(change, before, {
      ...GENERATED,
      name: CHAT,
      type: 'chat',
      agents: [agent],
      question,
      timeoutMs,
    });
  }

  /** What of the stage has not ended by itself a little later is ended. Safe to repeat. */
  async endSoon(change: SessionChange, stage: Stage): Promise<void> {
    const now = change.clock.now();
    if (stage.deadlineAt === null || stage.deadlineAt > now) stage.deadlineAt = now;
    await change.rows.save(stage);
    this.#scheduleExpiry(change, stage);
  }

  /** The session's last transition. Nothing below it stays active, and what completed stages found is kept. */
  async end(change: SessionChange, status: TerminalStatus, errorMessage?: string): Promise<void> {
    const { rows, session } = change;
    await this.records.closeActive(change, status, errorMessage);
    const stages = await this.records.stagesOf(change);
    const summary = stages.find(({ stageType }) => stageType === 'exec_summary');
    session.status = status;
    session.completedAt = change.clock.now();
    session.errorMessage = status === 'completed' ? null : (errorMessage ?? session.errorMessage);
    session.finalAnalysis = finalAnalysisOf(stages) ?? null;
    session.executiveSummary = summary?.status === 'completed' ? (summary.result?.trim() ?? null) : null;
    const unresolved = (session.plan as Partial<SessionPlan> | null)?.unresolved?.executiveSummary;
    session.executiveSummaryError =
      summary && summary.status !== 'completed' ? (summary.errorMessage ?? summary.status) : (unresolved ?? null);
    session.reviewStatus ??= status === 'cancelled' ? 'reviewed' : 'needs_review';
    await rows.save(session);
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

  async #begin(change: SessionChange, before: readonly StoredStage[], given: NewStage): Promise<StoredStage> {
    const begun = await this.records.begin(change, given, before);
    await this.#publishTasks(change, [...before, begun], begun);
    return begun;
  }

  /** @param stages All of the session, in order. */
  async #publishTasks(change: SessionChange, stages: readonly StoredStage[], stage: StoredStage): Promise<void> {
    const { row, stageType, executions, subAgents } = stage;
    const histories = stageType === 'chat' ? await this.histories.of(change, stages) : undefined;
    for (const execution of [...executions, ...subAgents])
      if (execution.status === 'active')
        change.publish(taskScheduled, this.tasks.taskFor(change.session, stages, execution, histories));
    this.#scheduleExpiry(change, row);
  }

  /** Workers end executions at the deadline by themselves; this ends the stage whatever they do. */
  #scheduleExpiry(change: SessionChange, { id: stageId, sessionId, deadlineAt }: Stage): void {
    if (!deadlineAt) return;
    const at = new Date(deadlineAt.getTime() + EXPIRY_GRACE_MS);
    change.publishAt(expireStage, { sessionId, stageId, deadlineAt: deadlineAt.toISOString() }, at, `${stageId}-deadline`); // prettier-ignore
  }
}

/** Of stages that no configuration lists. */
const GENERATED = { planIndex: null, parallelType: null, successPolicy: 'any' } as const;
