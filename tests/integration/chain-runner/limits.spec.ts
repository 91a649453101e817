import { subjects, expireStage } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { eventually, RunnerFixture } from './fixture.js';

const runner = new RunnerFixture({ maxConcurrentSessions: 3 });
const limited = { chainId: 'limited', alertType: 'Limited' };

describe('a chain with a limit of its own', () => {
  it('is never exceeded by three replicas, and lets sessions of other chains pass', async () => {
    await countAtEachAdmission();
    await Promise.all([1, 2, 3].map((number) => runner.startRunner(`chain-runner-${number}`)));
    runner.answer = runner.succeed;
    const capped = await Promise.all(Array.from({ length: 15 }, () => runner.submit(limited)));
    const others = await Promise.all(Array.from({ length: 15 }, () => runner.submit()));
    for (const sessionId of [...others, ...capped]) await runner.untilStatus(sessionId, 'completed');
    const rows = await runner.database.query<{ limited: number; active: number }[]>('SELECT * FROM admissions');
    expect(rows).toHaveLength(30);
    expect(Math.max(...rows.map((row) => row.limited))).toBe(2);
    expect(Math.max(...rows.map((row) => row.active))).toBe(3);
  });
});

describe('a budget', () => {
  it('is shared by the agents of a stage, less what earlier stages used', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(limited);
    const first = await runner.taskOf(sessionId, 'first');
    expect(first).toMatchObject({ agent: { forceConclusion: false }, budget: { tokens: 1_000, toolCalls: 9 } });
    const started = (await runner.reader.find(sessionId))!.started_at!;
    expect(Date.parse(first.budget!.concludeAt!) - Date.parse(started)).toBe(10 * 60_000);
    await runner.report(runner.outcome(first, { usage: { tokens: 400, toolCalls: 4, costUsd: 0.5 } }));
    const both = await runner.tasksOf(sessionId, 'look', 2);
    expect(both.map(({ budget }) => [budget?.tokens, budget?.toolCalls, budget?.costUsd])).toEqual([
      [300, 2, 0.75],
      [300, 2, 0.75],
    ]);
    expect(both[0]!.budget?.prices).toEqual({ 'priced-model': { inputPerMillion: 3, outputPerMillion: 12 } });
    for (const task of both)
      await runner.report(runner.outcome(task, { usage: { tokens: 700, toolCalls: 2, costUsd: 0 } }));
    expect((await runner.taskOf(sessionId, 'look - Synthesis')).budget).toBeUndefined();
    await end(sessionId);
  });

  it('of an alert can only be smaller than that of its chain', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit({ ...limited, budget: { maxTokens: 50, maxToolCalls: 1_000 } });
    expect((await runner.taskOf(sessionId, 'first')).budget).toMatchObject({ tokens: 50, toolCalls: 9 });
    const plain = await runner.submit({ budget: { maxToolCalls: 2 } });
    expect((await runner.taskOf(plain)).budget).toEqual({ toolCalls: 2 });
    await end(sessionId);
    await end(plain);
  });
});

describe('the deadline of a stage', () => {
  it('is in the tasks of its agents, and new after a pause', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(limited);
    const first = await runner.taskOf(sessionId, 'first');
    const leftMs = Date.parse(first.deadlineAt) - Date.now();
    expect(leftMs).toBeLessThanOrEqual(3 * 60_000);
    expect(leftMs).toBeGreaterThan(2 * 60_000);
    await runner.pause(first);
    await runner.untilStatus(sessionId, 'paused');
    await runner.resume(sessionId);
    const woken = await eventually(() => runner.tasks.find(({ executionId, wakeCount }) => executionId === first.executionId && wakeCount === 1)); // prettier-ignore
    expect(Date.parse(woken.deadlineAt)).toBeGreaterThan(Date.parse(first.deadlineAt));
    await end(sessionId);
  });

  it('ends a stage whose workers say nothing, and what was found before is kept', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit({ chainId: 'hurried', alertType: 'Hurried' });
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'first'), { result: 'found early' }));
    const [analyst, skeptic] = await runner.tasksOf(sessionId, 'look', 2);
    await runner.report(runner.outcome(analyst!));
    await runner.untilStage(sessionId, 'look', 'active', 'completed');
    // The delayed message comes half a minute after the deadline; this is the same one, now.
    await runner.publisher.publish(
      { ...expireStage, messageId: () => `${sessionId}-now`, subject: () => subjects.command('expire-stage') },
      { sessionId, stageId: skeptic!.stageId, deadlineAt: skeptic!.deadlineAt },
    );
    await runner.untilStage(sessionId, 'look', 'completed', 'timed_out');
    const detail = await runner.reader.find(sessionId);
    expect(detail!.stages[1]!.executions).toMatchObject([
      { status: 'completed' },
      { status: 'timed_out', error_message: 'stage deadline passed' },
    ]);
    await end(sessionId);
  });
});

async function end(sessionId: string): Promise<void> {
  await runner.cancel(sessionId);
  for (const task of runner.tasks.filter((one) => one.sessionId === sessionId))
    await runner.report(runner.outcome(task, { status: 'cancelled', errorMessage: 'cancelled by ann' }));
  await runner.untilStatus(sessionId, 'cancelled');
}

async function countAtEachAdmission(): Promise<void> {
  await runner.database.query(`
    CREATE TABLE admissions (active integer NOT NULL, limited integer NOT NULL);
    CREATE FUNCTION count_active() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO admissions SELECT count(*), count(*) FILTER (WHERE chain_id = 'limited')
        FROM alert_sessions WHERE status IN ('in_progress', 'cancelling');
      RETURN NULL;
    END $$;
    CREATE TRIGGER count_active AFTER UPDATE ON alert_sessions FOR EACH ROW
      WHEN (OLD.status = 'pending' AND NEW.status = 'in_progress') EXECUTE FUNCTION count_active();
  `);
}
