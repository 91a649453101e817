import { Injectable } from '@nestjs/common';
import {
  executionMailbox,
  mailIdOf,
  taskScheduled,
  wakeExecution,
  type ExecutionParked,
  type MailboxMessage,
  type WakeExecution,
} from '@tarsy/contracts';
import { storable, type AgentExecution } from '@tarsy/persistence';
import type { SessionChange } from '../sessions/session-change.js';
import { stopOf, type SessionStop } from '../sessions/session-stop.js';
import { StageRecords } from '../stages/stage-records.js';
import { TaskFactory } from '../stages/task-factory.js';

/**
 * What executions are told, and when parked ones are woken. Mail and parking are rows of one transaction at a time, so no mail falls between
 * an execution's last look into its mailbox and its rest.
 */
@Injectable()
export class Mailboxes {
  constructor(
    private readonly records: StageRecords,
    private readonly tasks: TaskFactory,
  ) {}

  /** Safe to repeat: what is in the mailbox already is published again and changes nothing. */
  async deliver(change: SessionChange, execution: AgentExecution, message: MailboxMessage): Promise<void> {
    const known = execution.mailbox.find((mail) => mailIdOf(mail) === mailIdOf(message));
    change.publish(executionMailbox, known ?? message);
    if (known !== undefined) return await this.#republishTask(change, execution);
    execution.mailbox = [...execution.mailbox, storable(message)];
    if (execution.parkedAt === null) return void (await change.rows.save(execution));
    await this.#wake(change, execution);
  }

  /** Tells the execution to end. Safe to repeat. */
  async cancel(change: SessionChange, execution: AgentExecution, { status, reason }: SessionStop): Promise<void> {
    const { sessionId, id: executionId } = execution;
    const at = change.clock.nowIso();
    await this.deliver(change, execution, { type: 'cancel', sessionId, executionId, status, reason, at });
  }

  /** Safe to repeat. Does nothing for an execution that ended or was woken since. */
  async park(change: SessionChange, parked: ExecutionParked): Promise<void> {
    const { executionId, wakeCount, mailboxSeen, wakeAt } = parked;
    const execution = await change.rows.execution(executionId);
    if (execution?.status !== 'active') return;
    if (execution.wakeCount > wakeCount) return await this.#republishTask(change, execution);
    if (execution.wakeCount < wakeCount) return;
    const letters = execution.mailbox.filter(({ type }) => type !== 'cancel');
    const mustEnd = letters.length < execution.mailbox.length || stopOf(change.session) !== undefined;
    if (mustEnd || letters.length > mailboxSeen) return await this.#wake(change, execution);
    execution.parkedAt = change.clock.now();
    await change.rows.save(execution);
    const { sessionId } = parked;
    if (wakeAt !== undefined)
      change.publishAt(wakeExecution, { sessionId, executionId, wakeCount }, new Date(wakeAt), `${executionId}-wake`);
  }

  /** Its time to wait is over. Safe to repeat. */
  async wake(change: SessionChange, { executionId, wakeCount }: WakeExecution): Promise<void> {
    const execution = await change.rows.execution(executionId);
    if (execution?.status !== 'active') return;
    if (execution.wakeCount > wakeCount) return await this.#republishTask(change, execution);
    if (execution.parkedAt !== null) await this.#wake(change, execution);
  }

  /** Publishes the mail of running executions again. */
  async republish(change: SessionChange): Promise<void> {
    const active = (await change.rows.executions()).filter(({ status }) => status === 'active');
    for (const mail of active.flatMap(({ mailbox }) => mailbox)) change.publish(executionMailbox, mail);
  }

  async #wake(change: SessionChange, execution: AgentExecution): Promise<void> {
    execution.parkedAt = null;
    execution.wakeCount += 1;
    await change.rows.save(execution);
    await this.#republishTask(change, execution);
  }

  /** A task has the same id however often it is published; of one that was never woken somebody else sees to it. */
  async #republishTask(change: SessionChange, execution: AgentExecution): Promise<void> {
    if (execution.wakeCount === 0 || execution.status !== 'active') return;
    const stages = await this.records.stagesOf(change);
    change.publish(taskScheduled, this.tasks.taskFor(change.session, stages, execution));
  }
}
