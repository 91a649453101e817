import { Injectable } from '@nestjs/common';
import type { CommandReply, GuideSession } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import type { AgentExecution } from '@tarsy/persistence';
import type { SessionChange } from '../sessions/session-change.js';
import { SessionTransactions } from '../sessions/session-transactions.js';
import { Mailboxes } from './mailboxes.service.js';

/** What people tell running agents. */
@Injectable()
export class GuidanceService {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly mailboxes: Mailboxes,
  ) {}

  /** Safe to repeat. */
  async guide(command: GuideSession): Promise<CommandReply> {
    const reply = await this.transactions.apply(command.sessionId, async (change): Promise<CommandReply> => {
      const { status } = change.session;
      if (status !== 'in_progress') return { kind: 'conflict', message: `session is ${status}: no agent is running` };
      const executions = await this.#addressees(change, command);
      if (executions.length === 0) return { kind: 'conflict', message: 'no such agent is running' };
      const { sessionId, author, content } = command;
      for (const execution of executions)
        await this.mailboxes.deliver(change, execution, {
          ...{ type: 'guidance', sessionId, executionId: execution.id, from: 'person', author, content },
          guidanceId: derivedId(command.commandId, execution.id),
          at: change.clock.nowIso(),
        });
      return { kind: 'accepted' };
    });
    return reply ?? { kind: 'not_found' };
  }

  async #addressees({ rows }: SessionChange, { executionId }: GuideSession): Promise<AgentExecution[]> {
    const active = (await rows.executions()).filter(({ status }) => status === 'active');
    return active.filter((one) =>
      executionId === undefined ? one.parentExecutionId === null : one.id === executionId,
    );
  }
}
