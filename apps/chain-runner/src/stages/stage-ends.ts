import { Injectable } from '@nestjs/common';
import { admitSessions, type ExpireStage } from '@tarsy/contracts';
import type { AgentExecution } from '@tarsy/persistence';
import type { SessionChange } from '../sessions/session-change.js';
import { SubAgentsService } from '../sub-agents/sub-agents.service.js';
import { aggregate } from './stage-decisions.js';
import { StageFlow } from './stage-flow.js';
import { StageRecords } from './stage-records.js';

const TIMED_OUT = { status: 'timed_out', reason: 'stage deadline passed' } as const;

/** What follows when executions of a stage have ended or paused. */
@Injectable()
export class StageEnds {
  constructor(
    private readonly records: StageRecords,
    private readonly stages: StageFlow,
    private readonly subAgents: SubAgentsService,
  ) {}

  /**
   * Once nothing of the stage is at work: any paused agent pauses the session, whatever the others did; otherwise the stage ends as its
   * executions and its policy say, and the session goes on. An answer in a chat changes nothing of its session.
   */
  async closeIfDone(change: SessionChange, stageId: string): Promise<void> {
    const stages = await this.records.stagesOf(change);
    const { row: stage, executions } = stages.find(({ row }) => row.id === stageId)!;
    if (executions.some(({ status }) => status === 'active' || status === 'pending')) return;
    const isAnswer = stage.stageType === 'chat';
    if (!isAnswer && executions.some(({ status }) => status === 'paused')) {
      await this.records.setStage(change, stage, 'paused');
      return this.#pause(change);
    }
    const { status, errorMessage } = aggregate(executions, stage.successPolicy ?? 'any');
    await this.records.setStage(change, stage, status, errorMessage);
    if (!isAnswer) await this.stages.advance(change);
  }

  /** The stage's own time was over and not all of its executions said so. Safe to repeat; a no-op where its deadline was moved. */
  async expire(change: SessionChange, { stageId, deadlineAt }: ExpireStage): Promise<void> {
    const stage = (await this.records.stagesOf(change)).find(({ row }) => row.id === stageId)?.row;
    if (stage?.status !== 'active' || stage.deadlineAt?.toISOString() !== deadlineAt) return;
    const open = (await change.rows.executions()).filter((one) => one.stageId === stageId && one.status === 'active');
    // Those below others end with them.
    const isBelow = ({ parentExecutionId }: AgentExecution): boolean => open.some(({ id }) => id === parentExecutionId);
    for (const execution of open.filter((one) => !isBelow(one))) {
      const told = execution.mailbox.find(({ type }) => type === 'cancel');
      const { status, reason } = told?.type === 'cancel' ? told : TIMED_OUT;
      await this.records.setExecution(change, execution, status, { errorMessage: reason });
      await this.subAgents.ended(change, execution);
    }
    await this.closeIfDone(change, stageId);
  }

  /** A paused session has no deadline and takes no slot. */
  #pause(change: SessionChange): void {
    const { session } = change;
    session.status = 'paused';
    session.deadlineAt = null;
    change.emit({ type: 'session-status-changed', status: 'paused' });
    change.publish(admitSessions, { cause: `${session.id}:paused:${session.lifecycleRevision}` });
  }
}
