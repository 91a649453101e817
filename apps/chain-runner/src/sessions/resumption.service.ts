import { Injectable } from '@nestjs/common';
import type { SessionPlan } from '@tarsy/config';
import { admitSessions, type CancelExecution, type CommandReply, type ResumeSession } from '@tarsy/contracts';
import type { AgentExecution } from '@tarsy/persistence';
import { StageEnds } from '../stages/stage-ends.js';
import { StageFlow } from '../stages/stage-flow.js';
import { StageRecords } from '../stages/stage-records.js';
import { SubAgentsService } from '../sub-agents/sub-agents.service.js';
import { FollowUps } from './follow-ups.js';
import type { SessionChange } from './session-change.js';
import { SessionTransactions } from './session-transactions.js';

/** Lets paused sessions go on. They queue for a slot like new ones; their age brings them to the front. */
@Injectable()
export class ResumptionService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly records: StageRecords,
    private readonly ends: StageEnds,
    private readonly stages: StageFlow,
    private readonly followUps: FollowUps,
    private readonly subAgents: SubAgentsService,
  ) {}

  /** Safe to repeat. */
  async resume({ sessionId }: ResumeSession): Promise<CommandReply> {
    const reply = await this.transactions.apply(sessionId, (change): Promise<CommandReply> => {
      const { session } = change;
      if (session.status === 'paused') this.#queue(change);
      // The sender of a command that was cut off after its commit has had no answer yet.
      else if (!change.wasCutOff || session.status !== 'pending')
        return Promise.resolve({ kind: 'conflict', message: `session is ${session.status}, not paused` });
      return Promise.resolve({ kind: 'accepted' });
    });
    return reply ?? { kind: 'not_found' };
  }

  /**
   * Gives up one paused execution: it ends as `cancelled` at the time it paused. Without another paused one in its stage the session goes
   * on, if the stage's policy is content with the rest. Its sub-agents end with it. Safe to repeat.
   */
  async cancelExecution({ sessionId, executionId, requestedBy }: CancelExecution): Promise<CommandReply> {
    const reason = `cancelled by ${requestedBy}`;
    const reply = await this.transactions.apply(sessionId, async (change): Promise<CommandReply> => {
      const execution = await change.rows.execution(executionId);
      if (!execution) return { kind: 'not_found' };
      if (change.wasCutOff && execution.status === 'cancelled' && execution.errorMessage === reason)
        return { kind: 'accepted' };
      if (execution.status !== 'paused')
        return { kind: 'conflict', message: `execution is ${execution.status}, not paused` };
      const end = { completedAt: execution.pausedAt, errorMessage: reason };
      await this.records.setExecution(change, execution, 'cancelled', end);
      await this.subAgents.ended(change, execution);
      if (change.session.status === 'paused' && (await this.#paused(change)).length === 0) this.#queue(change);
      return { kind: 'accepted' };
    });
    return reply ?? { kind: 'not_found' };
  }

  /** Called once the session has a slot again: only the paused executions run, with a wake count that tells them so. */
  async start(change: SessionChange): Promise<void> {
    const stage = (await this.records.stagesOf(change)).find(({ status }) => status === 'paused')?.row;
    if (!stage) return;
    this.followUps.scheduleExpiry(change);
    change.emit({ type: 'session-status-changed', status: 'in_progress' });
    const { timeoutMs } = (change.session.plan as SessionPlan).stages[stage.planIndex ?? -1] ?? {};
    stage.deadlineAt = timeoutMs ? new Date(change.clock.nowMs() + timeoutMs) : null;
    await this.records.setStage(change, stage, 'active');
    for (const execution of await this.#paused(change))
      await this.records.setExecution(change, execution, 'active', { wakeCount: execution.wakeCount + 1 });
    await this.stages.republishTasks(change);
    await this.ends.closeIfDone(change, stage.id);
  }

  #queue(change: SessionChange): void {
    const { session } = change;
    session.status = 'pending';
    change.emit({ type: 'session-status-changed', status: 'pending' });
    change.publish(admitSessions, { cause: `${session.id}:resumed:${session.lifecycleRevision}` });
  }

  async #paused({ rows }: SessionChange): Promise<AgentExecution[]> {
    return (await rows.executions()).filter(({ status }) => status === 'paused');
  }
}
