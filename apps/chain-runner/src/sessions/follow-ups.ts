import { Injectable } from '@nestjs/common';
import { admitSessions, expireSession } from '@tarsy/contracts';
import { Mailboxes } from '../sub-agents/mailboxes.service.js';
import { StageFlow } from '../stages/stage-flow.js';
import type { SessionChange } from './session-change.js';
import { stopOf, type SessionStop } from './session-stop.js';

/** Messages that follow from a session's rows. The same rows give the same ids, so any of them may be published again. */
@Injectable()
export class FollowUps {
  constructor(
    private readonly stages: StageFlow,
    private readonly mailboxes: Mailboxes,
  ) {}

  /** Publishes everything that the rows ask for: an earlier change was committed, and nobody knows how much of it was published. */
  async restore(change: SessionChange): Promise<void> {
    const { session } = change;
    switch (session.status) {
      case 'pending':
        return change.publish(admitSessions, { cause: `${session.id}:queued:${session.lifecycleRevision}` });
      case 'paused':
        return change.publish(admitSessions, { cause: `${session.id}:paused:${session.lifecycleRevision}` });
      case 'in_progress':
      case 'cancelling': {
        this.scheduleExpiry(change);
        const stop = stopOf(session);
        await this.mailboxes.republish(change);
        if (stop) await this.tellExecutions(change, stop);
        else await this.stages.republishTasks(change);
        return;
      }
      default:
        // A question may be asked about a session that has ended.
        await this.mailboxes.republish(change);
        await this.stages.republishTasks(change);
        return change.publish(admitSessions, { cause: `${session.id}:ended` });
    }
  }

  /** The message that ends the session at its deadline, whatever the workers do. */
  scheduleExpiry(change: SessionChange): void {
    const { id, deadlineAt } = change.session;
    if (!deadlineAt) return;
    const name = stopOf(change.session) ? 'grace' : 'deadline';
    change.publishAt(
      expireSession,
      { sessionId: id, deadlineAt: deadlineAt.toISOString() },
      deadlineAt,
      `${id}-${name}`,
    );
  }

  /** @returns how many executions were still active */
  async tellExecutions(change: SessionChange, stop: SessionStop): Promise<number> {
    const active = (await change.rows.executions()).filter((execution) => execution.status === 'active');
    for (const execution of active) await this.mailboxes.cancel(change, execution, stop);
    return active.length;
  }
}
