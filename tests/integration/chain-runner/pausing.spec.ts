import { describe, expect, it } from 'vitest';
import type { ExecutionOutcome, TaskScheduled } from '@tarsy/contracts';
import { completedStage, eventually, RunnerFixture } from './fixture.js';

const LIMIT = 1;
const runner = new RunnerFixture({ maxConcurrentSessions: LIMIT });

/** A session whose only execution has paused. */
async function pausedSession(): Promise<{ sessionId: string; task: TaskScheduled }> {
  const sessionId = await runner.submit();
  const task = await runner.taskOf(sessionId);
  await runner.pause(task);
  await runner.untilStatus(sessionId, 'paused');
  return { sessionId, task };
}

const wokenTask = (task: TaskScheduled, wakeCount = 1): Promise<TaskScheduled> =>
  eventually(() => runner.tasks.find((one) => one.executionId === task.executionId && one.wakeCount === wakeCount));

async function finish(sessionId: string, task: TaskScheduled, changes: Partial<ExecutionOutcome> = {}): Promise<void> {
  await runner.report(runner.outcome(task, changes));
  await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Executive Summary')));
  await runner.untilStatus(sessionId, 'completed');
}

describe('a session whose agent pauses at its limit', () => {
  it('goes on when a person lets it, with a new deadline and a task that says so', async () => {
    await runner.startRunner();
    const { sessionId, task } = await pausedSession();
    expect(await runner.resume(sessionId)).toEqual({ kind: 'accepted' });
    const woken = await wokenTask(task);
    expect(Date.parse(woken.deadlineAt)).toBeGreaterThan(Date.parse(task.deadlineAt));
    await finish(sessionId, woken);
    expect(await runner.storyOf(sessionId)).toEqual([
      'session-created',
      'session in_progress',
      ...['look active', 'execution active', 'execution paused', 'look paused', 'session paused'],
      ...['session pending', 'session in_progress', 'look active', 'execution active'],
      ...['execution completed', 'look completed'],
      ...completedStage('Executive Summary'),
      'session completed',
    ]);
  });

  it('leaves its slot to others, and waits for one to go on', async () => {
    await runner.startRunner();
    const { sessionId, task } = await pausedSession();
    const other = await runner.submit();
    const busy = await runner.taskOf(other);
    expect(await runner.resume(sessionId)).toEqual({ kind: 'accepted' });
    expect((await runner.reader.active()).queued.map(({ id }) => id)).toEqual([sessionId]);
    await finish(other, busy);
    await finish(sessionId, await wokenTask(task));
  });

  it('may pause again', async () => {
    await runner.startRunner();
    const { sessionId, task } = await pausedSession();
    await runner.resume(sessionId);
    await runner.pause(await wokenTask(task));
    await runner.untilStatus(sessionId, 'paused');
    await runner.resume(sessionId);
    await finish(sessionId, await wokenTask(task, 2));
  });

  it('is not paused by a late copy of what it said before it was woken', async () => {
    await runner.startRunner();
    const { sessionId, task } = await pausedSession();
    await runner.resume(sessionId);
    const woken = await wokenTask(task);
    await runner.pause(task, true);
    await finish(sessionId, woken);
    expect((await runner.storyOf(sessionId)).filter((event) => event === 'session paused')).toHaveLength(1);
  });

  it('is cancelled at once while it is paused, and nothing of it stays open', async () => {
    await runner.startRunner();
    const { sessionId } = await pausedSession();
    expect(await runner.cancel(sessionId)).toEqual({ kind: 'accepted' });
    expect((await runner.storyOf(sessionId)).slice(-3)).toEqual([
      'execution cancelled',
      'look cancelled',
      'session cancelled',
    ]);
    expect(await runner.resume(sessionId)).toMatchObject({ kind: 'conflict' });
  });

  it('is cancelled while it waits for a slot to go on', async () => {
    await runner.startRunner();
    const { sessionId } = await pausedSession();
    const other = await runner.submit();
    const busy = await runner.taskOf(other);
    await runner.resume(sessionId);
    expect(await runner.cancel(sessionId)).toEqual({ kind: 'accepted' });
    expect((await runner.storyOf(sessionId)).at(-1)).toBe('session cancelled');
    await finish(other, busy);
  });

  it('can not be resumed where it runs or is unknown', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    expect(await runner.resume(sessionId)).toEqual({
      kind: 'conflict',
      message: 'session is in_progress, not paused',
    });
    expect(await runner.cancelExecution(task)).toMatchObject({ kind: 'conflict' });
    expect(await runner.resume('01890000-0000-7000-8000-00000000ffff')).toEqual({ kind: 'not_found' });
    await finish(sessionId, task);
  });
});

describe('a parallel stage of which one agent pauses', () => {
  const anyOfTwo = { chainId: 'any-of-two', alertType: 'Any' };

  it('pauses when the others have ended, and only the paused one runs again', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(anyOfTwo);
    const [analyst, skeptic] = await runner.tasksOf(sessionId, 'look', 2);
    await runner.pause(analyst!);
    await runner.untilStage(sessionId, 'look', 'active', 'paused');
    await runner.report(runner.outcome(skeptic!, { result: 'done' }));
    await runner.untilStatus(sessionId, 'paused');
    await runner.resume(sessionId);
    const woken = await wokenTask(analyst!);
    await runner.report(runner.outcome(woken, { result: 'done as well' }));
    const synthesis = await runner.taskOf(sessionId, 'look - Synthesis');
    expect(synthesis.parallelResults?.executions.map(({ result }) => result)).toEqual(['done as well', 'done']);
    expect(runner.tasks.filter(({ executionId }) => executionId === skeptic!.executionId)).toHaveLength(1);
    await runner.cancel(sessionId);
    await runner.report(runner.outcome(synthesis, { status: 'cancelled', errorMessage: 'cancelled by ann' }));
    await runner.untilStatus(sessionId, 'cancelled');
  });

  it('goes on without the paused one when that is cancelled alone, if its policy is content', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(anyOfTwo);
    const [analyst, skeptic] = await runner.tasksOf(sessionId, 'look', 2);
    await runner.pause(analyst!);
    await runner.report(runner.outcome(skeptic!, { result: 'done' }));
    await runner.untilStatus(sessionId, 'paused');
    expect(await runner.cancelExecution(analyst!)).toEqual({ kind: 'accepted' });
    const synthesis = await runner.taskOf(sessionId, 'look - Synthesis');
    expect(synthesis.parallelResults?.executions).toMatchObject([
      { status: 'cancelled', errorMessage: 'cancelled by ann' },
      { status: 'completed' },
    ]);
    await runner.report(runner.outcome(synthesis, { status: 'failed', errorMessage: 'enough' }));
    await runner.untilStatus(sessionId, 'failed');
  });

  it('ends the session when the paused one is cancelled and its policy is not content', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(anyOfTwo);
    const [analyst, skeptic] = await runner.tasksOf(sessionId, 'look', 2);
    await runner.report(runner.outcome(skeptic!, { status: 'failed', errorMessage: 'no model' }));
    await runner.pause(analyst!);
    await runner.untilStatus(sessionId, 'paused');
    await runner.cancelExecution(analyst!);
    await runner.untilStatus(sessionId, 'failed');
    expect((await runner.reader.find(sessionId))!.stages[0]!.status).toBe('failed');
  });
});
