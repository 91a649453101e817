import type { RunningService } from '@tarsy/service';
import { describe, expect, it } from 'vitest';
import { completedStage, eventually, RunnerFixture } from './fixture.js';

const runner = new RunnerFixture({ maxConcurrentSessions: 50 });

/** Kills the first replica at its next publication after `count` ones, and starts another. */
async function replaceAfter(first: RunningService, count: number, cause: () => Promise<unknown>): Promise<void> {
  const hanging = runner.cutOff(first, count);
  await cause();
  await hanging;
  const second = runner.startRunner('chain-runner-2');
  await runner.kill(first);
  await second;
}

const schedulesOf = async (sessionId: string): Promise<number> => {
  const { names, manager } = runner.messaging;
  const info = await manager.streams.info(names.stream('COMMANDS'), {
    subjects_filter: names.qualify('tarsy.commands.schedule.>'),
  });
  return Object.keys(info.state.subjects ?? {}).filter((subject) => subject.includes(sessionId)).length;
};

describe('a chain-runner that dies between its commit and its publications', () => {
  // What follows an alert: created, admit | in progress, stage, execution, deadline, task. Cut off before each of them.
  it.each([0, 1, 2, 3, 4, 5, 6])(
    'leaves a session that starts with another, cut off after %i messages',
    async (count) => {
      const first = await runner.startRunner();
      let sessionId = '';
      await replaceAfter(first, count, async () => (sessionId = await runner.submit()));
      const task = await runner.taskOf(sessionId);
      expect(await schedulesOf(sessionId)).toBe(1);
      await runner.report(runner.outcome(task));
      await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Executive Summary')));
      expect(await runner.storyOf(sessionId)).toEqual([
        'session-created',
        'session in_progress',
        ...completedStage('look'),
        ...completedStage('Executive Summary'),
        'session completed',
      ]);
      expect(runner.tasks.filter((task) => task.sessionId === sessionId)).toHaveLength(2);
    },
  );

  // What follows an outcome: execution, stage, next stage, its execution, its task.
  it.each([0, 2, 4])('leaves a session that goes on with another, cut off after %i messages', async (count) => {
    const first = await runner.startRunner();
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    await settled(sessionId);
    await replaceAfter(first, count, () => runner.report(runner.outcome(task)));
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Executive Summary')));
    expect((await runner.storyOf(sessionId)).slice(2)).toEqual([
      ...completedStage('look'),
      ...completedStage('Executive Summary'),
      'session completed',
    ]);
    expect(runner.tasks.filter((task) => task.sessionId === sessionId)).toHaveLength(2);
  });

  // What follows the outcomes of two agents: two events each, the stage, the synthesis, its execution, its task.
  it.each([0, 1, 2, 3, 4])('leaves a parallel stage that another merges, cut off after %i messages', async (count) => {
    const first = await runner.startRunner();
    const sessionId = await runner.submit({ chainId: 'replicas', alertType: 'Replicas' });
    const [one, two, three] = await runner.tasksOf(sessionId, 'look', 3);
    await runner.report(runner.outcome(one!));
    await runner.report(runner.outcome(two!, { status: 'failed', errorMessage: 'no model', result: undefined }));
    await runner.untilStage(sessionId, 'look', 'active', 'failed');
    await settled(sessionId);
    await replaceAfter(first, count, () => runner.report(runner.outcome(three!)));
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'look - Synthesis')));
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Executive Summary')));
    expect((await runner.storyOf(sessionId)).slice(-10)).toEqual([
      'look completed',
      ...completedStage('look - Synthesis'),
      ...completedStage('Executive Summary'),
      'session completed',
    ]);
    expect(runner.tasks.filter((task) => task.sessionId === sessionId)).toHaveLength(5);
  });

  // What follows a person's word: pending, admit | in progress, stage, execution, deadline, task.
  it.each([0, 1, 2, 3, 4, 5, 6])(
    'leaves a paused session that another lets go on, cut off after %i messages',
    async (count) => {
      const first = await runner.startRunner();
      const sessionId = await runner.submit();
      const task = await runner.taskOf(sessionId);
      await runner.pause(task);
      await runner.untilStatus(sessionId, 'paused');
      await settled(sessionId);
      await replaceAfter(first, count, () => Promise.resolve(void runner.resume(sessionId)));
      const woken = await eventually(() => runner.tasks.find(({ executionId, wakeCount }) => executionId === task.executionId && wakeCount === 1)); // prettier-ignore
      expect(await schedulesOf(sessionId)).toBe(1);
      await runner.report(runner.outcome(woken));
      await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Executive Summary')));
      expect((await runner.storyOf(sessionId)).slice(4, 9)).toEqual(['execution paused', 'look paused', 'session paused', 'session pending', 'session in_progress']); // prettier-ignore
      expect(runner.tasks.filter((task) => task.sessionId === sessionId)).toHaveLength(3);
    },
  );

  // What follows a cancellation: cancelling, the message to the execution, the end of the grace time.
  it.each([0, 1, 2])('leaves a cancellation that another carries out, cut off after %i messages', async (count) => {
    const first = await runner.startRunner();
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    await settled(sessionId);
    const replies: ReturnType<typeof runner.cancel>[] = [];
    await replaceAfter(first, count, () => Promise.resolve(replies.push(runner.cancel(sessionId))));
    expect(await replies[0]).toEqual({ kind: 'accepted' });
    await eventually(() => runner.mailboxOf(task));
    await eventually(async () => (await schedulesOf(sessionId)) === 2);
    await runner.report(runner.outcome(task, { status: 'cancelled', errorMessage: 'cancelled by ann' }));
    expect((await runner.storyOf(sessionId)).slice(-4)).toEqual([
      'session cancelling',
      'execution cancelled',
      'look cancelled',
      'session cancelled',
    ]);
  });
});

/** Everything that was committed for the session is published. */
async function settled(sessionId: string): Promise<void> {
  await eventually(async () => {
    const [row] = await runner.database.query<{ settled: boolean }[]>(
      `SELECT unpublished_lifecycle = '[]' AS settled FROM alert_sessions WHERE id = $1`,
      [sessionId],
    );
    return row?.settled;
  });
}
