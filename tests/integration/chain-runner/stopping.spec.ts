import { expireSession } from '@tarsy/contracts';
import { newId } from '@tarsy/core';
import { describe, expect, it } from 'vitest';
import { eventually, RunnerFixture } from './fixture.js';

describe('cancelling', () => {
  const runner = new RunnerFixture({ maxConcurrentSessions: 1 });

  it('ends a queued session at once and lets the next one have its turn', async () => {
    await runner.startRunner();
    const running = await runner.submit();
    const task = await runner.taskOf(running);
    const queued = await runner.submit();
    const last = await runner.submit();
    await eventually(async () => (await runner.statusOf(last)) === 'pending');
    expect(await runner.cancel(queued)).toEqual({ kind: 'accepted' });
    expect(await runner.storyOf(queued)).toEqual(['session-created', 'session cancelled']);
    expect(await runner.reader.find(queued)).toMatchObject({
      status: 'cancelled',
      error_message: 'cancelled by ann',
      review_status: 'reviewed',
    });
    runner.answer = runner.succeed;
    await runner.report(runner.outcome(task));
    await runner.untilStatus(last, 'completed');
    expect(runner.tasks.some(({ sessionId }) => sessionId === queued)).toBe(false);
  });

  it('tells the running execution, and ends the session when it has ended', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    expect(await runner.cancel(sessionId)).toEqual({ kind: 'accepted' });
    expect(await runner.mailboxOf(task)).toMatchObject({
      type: 'cancel',
      status: 'cancelled',
      reason: 'cancelled by ann',
    });
    expect(await runner.statusOf(sessionId)).toBe('cancelling');
    await runner.report(runner.outcome(task, { status: 'cancelled', errorMessage: 'cancelled by ann' }));
    expect((await runner.storyOf(sessionId)).slice(-4)).toEqual([
      'session cancelling',
      'execution cancelled',
      'look cancelled',
      'session cancelled',
    ]);
  });

  it('of unknown, cancelling and ended sessions is refused', async () => {
    await runner.startRunner();
    expect(await runner.cancel(newId())).toEqual({ kind: 'not_found' });
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    await runner.cancel(sessionId);
    expect(await runner.cancel(sessionId, { requestedBy: 'bob' })).toMatchObject({ kind: 'conflict' });
    await runner.report(runner.outcome(task, { status: 'cancelled' }));
    await runner.untilStatus(sessionId, 'cancelled');
    expect(await runner.cancel(sessionId)).toMatchObject({ kind: 'conflict' });
    expect((await runner.reader.status(sessionId))?.error_message).toBe('cancelled by ann');
  });

  it('begins nothing new when the execution completes at the same time, and keeps what it found', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit({ chainId: 'two-stages', alertType: 'Slow' });
    const task = await runner.taskOf(sessionId);
    await runner.cancel(sessionId);
    await runner.report(runner.outcome(task, { result: 'found in time' }));
    expect((await runner.storyOf(sessionId)).slice(-4)).toEqual([
      'session cancelling',
      'execution completed',
      'look completed',
      'session cancelled',
    ]);
    expect(await runner.reader.find(sessionId)).toMatchObject({ status: 'cancelled', final_analysis: 'found in time' });
  });

  it('loses against the end of the last stage', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit();
    await runner.report(runner.outcome(await runner.taskOf(sessionId)));
    const summary = await runner.taskOf(sessionId, 'Executive Summary');
    await runner.cancel(sessionId);
    await runner.report(runner.outcome(summary, { result: 'in short' }));
    expect((await runner.storyOf(sessionId)).slice(-6)).toEqual([
      'Executive Summary active',
      'execution active',
      'session cancelling',
      'execution completed',
      'Executive Summary completed',
      'session completed',
    ]);
    expect(await runner.reader.find(sessionId)).toMatchObject({ executive_summary: 'in short', error_message: null });
  });

  it('at the same moment as a conclusion gives one end, and nothing follows it', async () => {
    await runner.startRunner('chain-runner-1');
    await runner.startRunner('chain-runner-2');
    for (let round = 0; round < 10; round++) {
      const sessionId = await runner.submit();
      await runner.report(runner.outcome(await runner.taskOf(sessionId)));
      const summary = await runner.taskOf(sessionId, 'Executive Summary');
      const [reply] = await Promise.all([runner.cancel(sessionId), runner.report(runner.outcome(summary))]);
      expect(['accepted', 'conflict']).toContain(reply?.kind);
      const story = await runner.storyOf(sessionId);
      expect(story.filter((event) => /^session (completed|cancelled)$/.test(event))).toHaveLength(1);
      expect(story.at(-1)).toBe('session completed');
      await expectNothingActive(sessionId);
    }
  });

  it('of a session that admission takes at this moment is never undone', async () => {
    await runner.startRunner();
    const blocker = await runner.submit();
    const task = await runner.taskOf(blocker);
    const sessionId = await runner.submit();
    await eventually(async () => (await runner.statusOf(sessionId)) === 'pending');
    // The cancellation holds the row while admission wants it.
    const transaction = runner.database.createQueryRunner();
    await transaction.startTransaction();
    await transaction.query(`SELECT 1 FROM alert_sessions WHERE id = $1 FOR UPDATE`, [sessionId]);
    await runner.report(runner.outcome(task, { status: 'failed', errorMessage: 'enough' }));
    await eventually(async () => {
      const waiting = await runner.database.query<unknown[]>(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%in_progress%'`,
      );
      return waiting.length > 0;
    });
    await transaction.query(`UPDATE alert_sessions SET status = 'cancelled', completed_at = now() WHERE id = $1`, [
      sessionId,
    ]);
    await transaction.commitTransaction();
    await transaction.release();
    const next = await runner.submit();
    await runner.taskOf(next);
    expect(await runner.statusOf(sessionId)).toBe('cancelled');
  });

  const expectNothingActive = async (sessionId: string): Promise<void> => {
    for (const table of ['stages', 'agent_executions'])
      expect(
        await runner.database.query(
          `SELECT id FROM ${table} WHERE session_id = $1 AND status IN ('pending', 'active')`,
          [sessionId],
        ),
      ).toEqual([]);
  };
});

describe('a deadline', () => {
  const runner = new RunnerFixture({ maxConcurrentSessions: 10, sessionTimeoutMs: 500 });

  it('tells the execution, and the session ends as timed out when it has ended', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    expect(await eventually(() => runner.mailboxOf(task))).toMatchObject({
      type: 'cancel',
      status: 'timed_out',
      reason: 'session deadline passed',
    });
    await runner.report(runner.outcome(task, { status: 'timed_out', errorMessage: 'out of time' }));
    expect((await runner.storyOf(sessionId)).slice(-3)).toEqual([
      'execution timed_out',
      'look timed_out',
      'session timed_out',
    ]);
    expect(await runner.reader.find(sessionId)).toMatchObject({
      error_message: 'session deadline passed',
      review_status: 'needs_review',
    });
  });

  it('begins no further stage, and keeps what was found', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    await eventually(() => runner.mailboxOf(task));
    await runner.report(runner.outcome(task, { result: 'found late' }));
    expect((await runner.storyOf(sessionId)).slice(-3)).toEqual([
      'execution completed',
      'look completed',
      'session timed_out',
    ]);
    expect(await runner.reader.find(sessionId)).toMatchObject({ final_analysis: 'found late' });
  });

  it.each(['timed_out', 'cancelled'])(
    'ends the session as %s after the grace time although no worker answers',
    async (status) => {
      await runner.startRunner();
      const sessionId = await runner.submit();
      const task = await runner.taskOf(sessionId);
      if (status === 'cancelled') await runner.cancel(sessionId);
      else await eventually(() => runner.mailboxOf(task));
      const deadlineAt = await eventually(() => graceOf(sessionId));
      // What JetStream will deliver by itself at the end of the grace time.
      await runner.publisher.publish(expireSession, { sessionId, deadlineAt });
      expect((await runner.storyOf(sessionId)).slice(-3)).toEqual([
        `execution ${status}`,
        `look ${status}`,
        `session ${status}`,
      ]);
      await runner.report(runner.outcome(task));
      await runner.publisher.publish(expireSession, { sessionId, deadlineAt: new Date().toISOString() });
      const another = await runner.submit();
      await runner.cancel(another);
      expect((await runner.storyOf(sessionId)).at(-1)).toBe(`session ${status}`);
    },
  );

  const graceOf = async (sessionId: string): Promise<string | false> => {
    const [row] = await runner.database.query<{ deadline_at: Date; started_at: Date }[]>(
      `SELECT deadline_at, started_at FROM alert_sessions WHERE id = $1`,
      [sessionId],
    );
    if (!row) return false;
    return row.deadline_at.getTime() - row.started_at.getTime() > 10_000 && row.deadline_at.toISOString();
  };
});
