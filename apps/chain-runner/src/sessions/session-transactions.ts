import { Injectable } from '@nestjs/common';
import { sessionLifecycle, type LifecycleEvent } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import { MessagePublisher } from '@tarsy/messaging';
import { AlertSession } from '@tarsy/persistence';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { FollowUps } from './follow-ups.js';
import { SessionChange } from './session-change.js';

/**
 * Transact, publish, acknowledge, for one session at a time over all replicas.
 *
 * A PostgreSQL advisory lock keyed by the session is held around transaction and publishing, so lifecycle events reach the log in the order
 * in which they happened. Events are stored in the session row by the transaction that makes them and cleared once published: a
 * crash in between leaves them there. Whatever change comes next, at the latest the redelivery of the message that caused them, publishes
 * them and every other message that the rows ask for, with the same ids.
 * PostgreSQL releases the lock when its holder's connection ends.
 */
@Injectable()
export class SessionTransactions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly publisher: MessagePublisher,
    private readonly clock: Clock,
    private readonly followUps: FollowUps,
  ) {}

  /** Calls `change` in a transaction; undefined where there is no such session. */
  async apply<Result>(
    sessionId: string,
    change: (change: SessionChange) => Promise<Result>,
  ): Promise<Result | undefined> {
    return await this.#locked(sessionId, async (runner) => {
      const outcome = await inTransaction(runner, async (manager) => {
        const session = await manager.findOne(AlertSession, {
          where: { id: sessionId },
          lock: { mode: 'pessimistic_write' },
        });
        if (!session) return undefined;
        const current = new SessionChange(manager, session, this.clock);
        current.rows.isStored(session);
        const result = await change(current);
        if (current.wasCutOff) await this.followUps.restore(current);
        await current.rows.save(session);
        return { current, result };
      });
      if (!outcome) return undefined;
      await this.#publish(runner, outcome.current);
      return outcome.result;
    });
  }

  /** Inserts the session unless it is there already, then applies `change` as {@link apply} does. */
  async create(session: AlertSession, change: (change: SessionChange, isNew: boolean) => Promise<void>): Promise<void> {
    await this.#locked(session.id, async (runner) => {
      const current = await inTransaction(runner, async (manager) => {
        // Locked, because admission changes rows without the session's lock.
        const existing = await manager.findOne(AlertSession, {
          where: { id: session.id },
          lock: { mode: 'pessimistic_write' },
        });
        const current = new SessionChange(manager, existing ?? session, this.clock);
        if (existing) current.rows.isStored(existing);
        await change(current, existing === null);
        if (current.wasCutOff) await this.followUps.restore(current);
        await current.rows.save(current.session);
        return current;
      });
      await this.#publish(runner, current);
    });
  }

  async #publish(runner: QueryRunner, change: SessionChange): Promise<void> {
    const { id, unpublishedLifecycle, lifecycleRevision } = change.session;
    for (const event of unpublishedLifecycle) await this.publisher.publish(sessionLifecycle, event as LifecycleEvent);
    await change.publishFollowUps(this.publisher);
    if (unpublishedLifecycle.length > 0)
      await runner.query(
        `UPDATE alert_sessions SET unpublished_lifecycle = '[]' WHERE id = $1 AND lifecycle_revision = $2`,
        [id, lifecycleRevision],
      );
  }

  async #locked<Result>(sessionId: string, work: (runner: QueryRunner) => Promise<Result>): Promise<Result> {
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    try {
      await runner.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [sessionId]);
      try {
        return await work(runner);
      } finally {
        await runner.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [sessionId]);
      }
    } finally {
      await runner.release();
    }
  }
}

async function inTransaction<Result>(
  runner: QueryRunner,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  await runner.startTransaction();
  try {
    const result = await work(runner.manager);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
}
