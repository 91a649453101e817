import { alertAccepted } from '@tarsy/contracts';
import { newId } from '@tarsy/core';
import { describe, expect, it } from 'vitest';
import { eventually, RunnerFixture } from './fixture.js';

const LIMIT = 3;
const runner = new RunnerFixture({ maxConcurrentSessions: LIMIT });

describe('admission', () => {
  it('by three replicas never exceeds the limit, and every queued session gets its turn', async () => {
    await countAtEachAdmission();
    await Promise.all([1, 2, 3].map((number) => runner.startRunner(`chain-runner-${number}`)));
    runner.answer = runner.succeed;
    const sessions = await Promise.all(Array.from({ length: 40 }, () => runner.submit()));
    await eventually(async () => {
      const [row] = await runner.database.query<{ ended: number }[]>(
        `SELECT count(*)::int AS ended FROM alert_sessions WHERE status = 'completed'`,
      );
      return row?.ended === sessions.length;
    }, 50_000);
    const counts = await runner.database.query<{ active: number }[]>('SELECT active FROM admissions');
    expect(counts).toHaveLength(sessions.length);
    expect(Math.max(...counts.map(({ active }) => active))).toBe(LIMIT);
    for (const sessionId of sessions)
      expect((await runner.storyOf(sessionId)).filter((event) => event === 'session in_progress')).toHaveLength(1);
  });

  it('takes the most urgent first, then the oldest', async () => {
    await runner.startRunner();
    const blockers = await Promise.all(Array.from({ length: LIMIT }, () => runner.submit()));
    const tasks = await Promise.all(blockers.map((sessionId) => runner.taskOf(sessionId)));
    const low = await runner.submit({ severity: 'info' });
    const acceptedAt = (agoMs: number): string => new Date(Date.now() - agoMs).toISOString();
    const younger = await runner.submit({ severity: 'critical', acceptedAt: acceptedAt(1_000) });
    const older = await runner.submit({ severity: 'critical', acceptedAt: acceptedAt(2_000) });
    await eventually(async () => (await runner.reader.active()).queued.length === 3);
    expect((await runner.reader.active()).queued.map(({ id }) => id)).toEqual([older, younger, low]);
    runner.answer = runner.succeed;
    for (const task of tasks) await runner.report(runner.outcome(task, { status: 'failed', errorMessage: 'enough' }));
    await Promise.all([low, older, younger].map((sessionId) => runner.untilStatus(sessionId, 'completed')));
    const started = await runner.database.query<{ id: string }[]>(
      `SELECT id FROM alert_sessions WHERE id = ANY($1) ORDER BY started_at, priority_rank, created_at`,
      [[low, older, younger]],
    );
    expect(started.map(({ id }) => id)).toEqual([older, younger, low]);
  });

  it('is not undone by a copy of the alert that comes at the same moment', async () => {
    await runner.startRunner();
    const blockers = await Promise.all(Array.from({ length: LIMIT }, () => runner.submit()));
    const [task] = await Promise.all(blockers.map((sessionId) => runner.taskOf(sessionId)));
    const alert = runner.alert();
    await runner.publisher.publish(alertAccepted, alert);
    await eventually(async () => (await runner.statusOf(alert.sessionId)) === 'pending');
    const copies = Array.from({ length: 20 }, () =>
      runner.publisher.publish({ ...alertAccepted, messageId: () => newId() }, alert),
    );
    await Promise.all([...copies, runner.report(runner.outcome(task!, { status: 'failed', errorMessage: 'enough' }))]);
    await runner.taskOf(alert.sessionId);
    expect(await runner.statusOf(alert.sessionId)).toBe('in_progress');
  });

  it('goes on with the others when one session can not start', async () => {
    await runner.startRunner();
    const before = await runner.reader.active();
    for (const { id } of before.active) await endByHand(id);
    const bad = runner.alert();
    await breakStartOf(bad.sessionId);
    await runner.publisher.publish(alertAccepted, bad);
    const good = await runner.submit();
    await runner.taskOf(good);
    await runner.database.query('DROP TRIGGER break_start ON stages');
    await runner.taskOf(bad.sessionId);
  });
});

/** A trigger writes down how many sessions are active whenever one is admitted; admissions come one at a time. */
async function countAtEachAdmission(): Promise<void> {
  await runner.database.query(`
    CREATE TABLE admissions (active integer NOT NULL);
    CREATE FUNCTION count_active() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO admissions SELECT count(*) FROM alert_sessions WHERE status IN ('in_progress', 'cancelling');
      RETURN NULL;
    END $$;
    CREATE TRIGGER count_active AFTER UPDATE ON alert_sessions FOR EACH ROW
      WHEN (OLD.status = 'pending' AND NEW.status = 'in_progress') EXECUTE FUNCTION count_active();
  `);
}

async function breakStartOf(sessionId: string): Promise<void> {
  await runner.database.query(`
    CREATE FUNCTION break_start() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.session_id = '${sessionId}' THEN RAISE EXCEPTION 'broken'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER break_start BEFORE INSERT ON stages FOR EACH ROW EXECUTE FUNCTION break_start();
  `);
}

async function endByHand(sessionId: string): Promise<void> {
  await runner.database.query(`UPDATE alert_sessions SET status = 'failed', completed_at = now() WHERE id = $1`, [
    sessionId,
  ]);
}
