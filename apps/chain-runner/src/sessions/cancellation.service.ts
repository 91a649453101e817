import { Injectable } from '@nestjs/common';
import type { CancelSession, CommandReply, ExpireSession, ExpireStage } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import { Answers } from '../chats/answers.service.js';
import { StageEnds } from '../stages/stage-ends.js';
import { StageFlow } from '../stages/stage-flow.js';
import { FollowUps } from './follow-ups.js';
import type { SessionChange } from './session-change.js';
import { DEADLINE_PASSED, stopOf } from './session-stop.js';
import { SessionTransactions } from './session-transactions.js';

/** How long workers have to report the end of their executions before the session ends without them. */
const GRACE_MS = 30_000;

/** Ends sessions before their work is done: because a person wants it, or because their time is up. */
@Injectable()
export class CancellationService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly stages: StageFlow,
    private readonly ends: StageEnds,
    private readonly followUps: FollowUps,
    private readonly answers: Answers,
    private readonly clock: Clock,
  ) {}

  /** Safe to repeat. The session is `cancelled` once every active execution has ended; of one that has ended only the answer in its chat. */
  async cancel(command: CancelSession): Promise<CommandReply> {
    const { sessionId, requestedBy } = command;
    const reason = `cancelled by ${requestedBy}`;
    const reply = await this.transactions.apply(sessionId, async (change): Promise<CommandReply> => {
      const { session } = change;
      switch (session.status) {
        case 'pending':
        case 'paused':
          await this.stages.end(change, 'cancelled', reason);
          return { kind: 'accepted' };
        case 'in_progress':
          session.status = 'cancelling';
          session.errorMessage = reason;
          change.emit({ type: 'session-status-changed', status: 'cancelling' });
          await this.#stop(change);
          return { kind: 'accepted' };
        default:
          // The sender of a command that was cut off after its commit has had no answer yet.
          if (change.wasCutOff && session.errorMessage === reason) return { kind: 'accepted' };
          if (await this.answers.cancel(change, command)) return { kind: 'accepted' };
          return { kind: 'conflict', message: `session is ${session.status} and can not be cancelled` };
      }
    });
    return reply ?? { kind: 'not_found' };
  }

  /** Safe to repeat; does nothing to a session that has ended or whose deadline was moved. */
  async expire(command: ExpireSession): Promise<void> {
    await this.transactions.apply(command.sessionId, async (change) => {
      const { session } = change;
      if (session.status !== 'in_progress' && session.status !== 'cancelling') return;
      const stop = stopOf(session);
      if (session.deadlineAt?.toISOString() !== command.deadlineAt)
        // Perhaps a copy of the message that moved the deadline, and went no further.
        return stop && (await this.followUps.restore(change));
      if (stop) return await this.stages.end(change, stop.status, stop.reason);
      session.errorMessage = DEADLINE_PASSED;
      await this.#stop(change);
    });
  }

  /** Safe to repeat. */
  async expireStage(command: ExpireStage): Promise<void> {
    await this.transactions.apply(command.sessionId, (change) => this.ends.expire(change, command));
  }

  /** Asks the workers to end; without any at work the session ends at once. */
  async #stop(change: SessionChange): Promise<void> {
    const stop = stopOf(change.session)!;
    if ((await this.followUps.tellExecutions(change, stop)) === 0)
      return await this.stages.end(change, stop.status, stop.reason);
    change.session.deadlineAt = new Date(this.clock.nowMs() + GRACE_MS);
    this.followUps.scheduleExpiry(change);
  }
}
