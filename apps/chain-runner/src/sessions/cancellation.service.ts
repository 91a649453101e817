import { Injectable } from '@nestjs/common';
import {
  executionMailbox,
  expireSession,
  type CancelSession,
  type CommandReply,
  type ExpireSession,
} from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import { AgentExecution } from '@tarsy/persistence';
import { StageFlow } from '../stages/stage-flow.js';
import type { SessionChange } from './session-change.js';
import { SessionTransactions } from './session-transactions.js';

/** How long workers have to report the end of their executions before the session ends without them. */
const GRACE_MS = 30_000;

/** Ends sessions before their work is done: because a person wants it, or because their time is up. */
@Injectable()
export class CancellationService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly stages: StageFlow,
    private readonly clock: Clock,
  ) {}

  /** Safe to repeat. The session is `cancelled` once every active execution has ended. */
  async cancel(command: CancelSession): Promise<CommandReply> {
    const { sessionId, requestedBy } = command;
    const reply = await this.transactions.apply(sessionId, async (change): Promise<CommandReply> => {
      const { session } = change;
      switch (session.status) {
        case 'pending':
          await this.stages.end(change, 'cancelled', `cancelled by ${requestedBy}`);
          return { kind: 'accepted' };
        case 'in_progress':
          session.status = 'cancelling';
          session.errorMessage = `cancelled by ${requestedBy}`;
          change.emit({ type: 'session-status-changed', status: 'cancelling' });
          if ((await this.#tellExecutions(change, 'cancelled', session.errorMessage)) === 0)
            await this.stages.end(change, 'cancelled', session.errorMessage);
          else this.#scheduleEnd(change);
          return { kind: 'accepted' };
        default:
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
      if (session.deadlineAt?.toISOString() !== command.deadlineAt) return;
      if (session.status === 'cancelling')
        return await this.stages.end(change, 'cancelled', session.errorMessage ?? undefined);
      const reason = 'session deadline passed';
      if (session.errorMessage === reason) return await this.stages.end(change, 'timed_out', reason);
      session.errorMessage = reason;
      if ((await this.#tellExecutions(change, 'timed_out', reason)) === 0)
        return await this.stages.end(change, 'timed_out', reason);
      this.#scheduleEnd(change);
    });
  }

  #scheduleEnd(change: SessionChange): void {
    const at = new Date(this.clock.nowMs() + GRACE_MS);
    change.session.deadlineAt = at;
    const sessionId = change.session.id;
    change.publishAt(expireSession, { sessionId, deadlineAt: at.toISOString() }, at, `${sessionId}-grace`);
  }

  /** @returns how many executions were still active */
  async #tellExecutions(change: SessionChange, status: 'cancelled' | 'timed_out', reason: string): Promise<number> {
    const active = await change.manager.findBy(AgentExecution, { sessionId: change.session.id, status: 'active' });
    for (const { id } of active)
      change.publish(executionMailbox, {
        type: 'cancel',
        sessionId: change.session.id,
        executionId: id,
        status,
        reason,
        at: this.clock.nowIso(),
      });
    return active.length;
  }
}
