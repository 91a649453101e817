import { Injectable } from '@nestjs/common';
import { admitSessions } from '@tarsy/contracts';
import type { SessionChange } from '../sessions/session-change.js';
import { aggregate } from './stage-decisions.js';
import { StageFlow } from './stage-flow.js';
import { StageRecords } from './stage-records.js';

/** What follows when executions of a stage have ended or paused. */
@Injectable()
export class StageEnds {
  constructor(
    private readonly records: StageRecords,
    private readonly stages: StageFlow,
  ) {}

  /**
   * Once nothing of the stage is at work: any paused agent pauses the session, whatever the others did; otherwise the stage ends as its
   * executions and its policy say, and the session goes on.
   */
  async closeIfDone(change: SessionChange, stageId: string): Promise<void> {
    const stages = await this.records.stagesOf(change);
    const { row: stage, executions } = stages.find(({ row }) => row.id === stageId)!;
    if (executions.some(({ status }) => status === 'active' || status === 'pending')) return;
    if (executions.some(({ status }) => status === 'paused')) {
      await this.records.setStage(change, stage, 'paused');
      return this.#pause(change);
    }
    const { status, errorMessage } = aggregate(executions, stage.successPolicy ?? 'any');
    await this.records.setStage(change, stage, status, errorMessage);
    await this.stages.advance(change);
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
