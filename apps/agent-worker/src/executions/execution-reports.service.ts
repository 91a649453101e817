import { Injectable } from '@nestjs/common';
import { executionOutcome, executionParked, type JournalEntryOf } from '@tarsy/contracts';
import { MessagePublisher } from '@tarsy/messaging';
import type { ExecutionRun } from './execution-run.js';
import { usageOf } from './execution-usage.js';

/** Tells chain-runner what became of an execution. The same journal gives the same message again. */
@Injectable()
export class ExecutionReports {
  constructor(private readonly publisher: MessagePublisher) {}

  async concluded({ task, journal }: ExecutionRun, end: JournalEntryOf<'concluded'>): Promise<void> {
    const { sessionId, stageId, executionId, wakeCount } = task;
    const { status, result, errorCode, errorMessage, forcedConclusion, iterationsUsed, actionsExecuted, at } = end;
    await this.publisher.publish(executionOutcome, {
      sessionId,
      stageId,
      executionId,
      wakeCount,
      status,
      ...(result === undefined ? {} : { result }),
      ...(errorCode === undefined ? {} : { errorCode }),
      ...(errorMessage === undefined ? {} : { errorMessage }),
      forcedConclusion,
      ...(actionsExecuted === undefined ? {} : { actionsExecuted }),
      iterationsUsed,
      usage: usageOf(journal.entries, task.budget?.prices),
      finishedAt: at,
    });
  }

  async parked({ task, journal, state }: ExecutionRun, entry: JournalEntryOf<'parked'>): Promise<void> {
    const { sessionId, stageId, executionId } = task;
    const { wakeCount, reason, mailboxSeen, wakeAt, at } = entry;
    await this.publisher.publish(executionParked, {
      sessionId,
      stageId,
      executionId,
      wakeCount,
      reason,
      mailboxSeen,
      ...(wakeAt === undefined ? {} : { wakeAt }),
      iterationsUsed: state.iterations,
      usage: usageOf(journal.entries, task.budget?.prices),
      parkedAt: at,
    });
  }
}
