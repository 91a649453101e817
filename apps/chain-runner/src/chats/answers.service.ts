import { Injectable } from '@nestjs/common';
import type { CancelSession } from '@tarsy/contracts';
import type { SessionChange } from '../sessions/session-change.js';
import { StageFlow } from '../stages/stage-flow.js';
import { StageRecords } from '../stages/stage-records.js';
import { Mailboxes } from '../sub-agents/mailboxes.service.js';
import { openAnswerOf } from './open-answer.js';

/** Answers that people do not want any more. */
@Injectable()
export class Answers {
  constructor(
    private readonly records: StageRecords,
    private readonly stages: StageFlow,
    private readonly mailboxes: Mailboxes,
  ) {}

  /**
   * Asks the workers to end the answer that is being written; without their word it ends a little later all the same. Safe to repeat.
   *
   * @returns whether there was one, or there was when the command was given
   */
  async cancel(change: SessionChange, { requestedBy, requestedAt }: CancelSession): Promise<boolean> {
    const stages = await this.records.stagesOf(change);
    const open = openAnswerOf(stages);
    if (!open) return stages.some(({ row }) => row.stageType === 'chat' && row.status === 'cancelled' && row.completedAt !== null && row.completedAt.toISOString() >= requestedAt); // prettier-ignore
    const reason = `cancelled by ${requestedBy}`;
    for (const execution of [...open.executions, ...open.subAgents])
      if (execution.status === 'active')
        await this.mailboxes.cancel(change, execution, { status: 'cancelled', reason });
    await this.stages.endSoon(change, open.row);
    return true;
  }
}
