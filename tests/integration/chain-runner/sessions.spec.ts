import { alertAccepted, executionOutcome, taskScheduled, type ExecutionOutcome } from '@tarsy/contracts';
import { newId } from '@tarsy/core';
import { describe, expect, it } from 'vitest';
import { completedStage, eventually, RunnerFixture } from './fixture.js';

const runner = new RunnerFixture({ maxConcurrentSessions: 20 });

describe('a session', () => {
  it('goes through its stages to a conclusion, in this order on the session log', async () => {
    await runner.startRunner();
    runner.answer = runner.succeed;
    const sessionId = await runner.submit({ chainId: 'two-stages', alertType: 'Slow' });
    expect(await runner.storyOf(sessionId)).toEqual([
      'session-created',
      'session in_progress',
      ...['look', 'compare', 'Executive Summary'].flatMap(completedStage),
      'session completed',
    ]);
    const lifecycle = await runner.lifecycleOf(sessionId);
    expect(lifecycle.map((event) => event.revision)).toEqual(lifecycle.map((_, index) => index + 1));
    expect(await runner.reader.find(sessionId)).toMatchObject({
      final_analysis: 'result of compare',
      executive_summary: 'result of Executive Summary',
      total_stages: 3,
      completed_stages: 3,
      review_status: 'needs_review',
    });
  });

  it('tells workers where the runbook of its alert is, what may be fetched, and when holidays are', async () => {
    await runner.startRunner();
    const runbookUrl = 'https://github.com/o/r/blob/main/disk.md';
    const task = await runner.taskOf(await runner.submit({ runbookUrl }));
    expect(task.runbookSource).toEqual({
      url: runbookUrl,
      allowedDomains: ['github.com', 'raw.githubusercontent.com'],
      allowPrivateAddresses: false,
      cacheTtlMs: 60_000,
      tokenEnv: 'GITHUB_TOKEN',
    });
    expect(task.holidays).toEqual([
      { date: '01-01', name: "New Year's Day" },
      { date: '12-25', name: 'Christmas Day' },
    ]);
  });

  it('is one session although its alert is stored twice, and other text in the copy changes nothing', async () => {
    await runner.startRunner();
    const alert = runner.alert();
    await runner.publisher.publish(alertAccepted, alert);
    await runner.taskOf(alert.sessionId);
    // Another message id, as after the window in which JetStream remembers ids.
    await runner.publisher.publish({ ...alertAccepted, messageId: () => newId() }, { ...alert, title: 'another' });
    const next = await runner.submit();
    await runner.taskOf(next);
    const rows = await runner.database.query('SELECT title, status FROM alert_sessions WHERE id = $1', [
      alert.sessionId,
    ]);
    expect(rows).toEqual([{ title: 'Disk full', status: 'in_progress' }]);
    expect(runner.tasks.filter(({ sessionId }) => sessionId === alert.sessionId)).toHaveLength(1);
    expect((await runner.lifecycleOf(alert.sessionId)).filter(({ type }) => type === 'session-created')).toHaveLength(
      1,
    );
  });

  it('is not changed by an outcome that comes again, even with another end', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    const again = { ...executionOutcome, messageId: () => newId() };
    await runner.publisher.publish(again, runner.outcome(task));
    const summary = await runner.taskOf(sessionId, 'Executive Summary');
    await runner.publisher.publish(again, runner.outcome(task, { status: 'failed', errorMessage: 'too late' }));
    await runner.publisher.publish(again, runner.outcome(summary, { result: 'in short' }));
    expect(await runner.storyOf(sessionId)).toEqual([
      'session-created',
      'session in_progress',
      ...completedStage('look'),
      ...completedStage('Executive Summary'),
      'session completed',
    ]);
    await runner.publisher.publish(again, runner.outcome(summary, { status: 'failed', errorMessage: 'too late' }));
    await runner.publisher.publish(again, runner.outcome({ ...summary, executionId: newId() }));
    const last = await runner.submit();
    await runner.taskOf(last);
    await eventually(async () => (await waitingOutcomes()) === 0);
    expect(await runner.statusOf(sessionId)).toBe('completed');
    expect((await runner.storyOf(sessionId)).at(-1)).toBe('session completed');
    expect(runner.tasks.filter((task) => task.sessionId === sessionId)).toHaveLength(2);
  });

  it('starts each execution with one task although the task is published again', async () => {
    await runner.startRunner();
    const task = await runner.taskOf(await runner.submit());
    await runner.publisher.publish(taskScheduled, task);
    await runner.taskOf(await runner.submit());
    expect(runner.tasks.filter(({ executionId }) => executionId === task.executionId)).toHaveLength(1);
  });

  it('keeps alerts and results with characters that PostgreSQL does not know', async () => {
    await runner.startRunner();
    runner.answer = ({ stage }) => ({ status: 'completed', result: `${stage.name}\u0000 \ud83d cut` });
    const sessionId = await runner.submit({
      data: 'zero \u0000 half \ude00',
      labels: { 'na\u0000me': 'va\u0000lue \ud83d' },
      fingerprints: ['a\u0000b'],
      author: 'ann\u0000',
    });
    await runner.untilStatus(sessionId, 'completed');
    const detail = await runner.reader.find(sessionId);
    expect(detail).toMatchObject({ alert_data: 'zero  half \ufffd', author: 'ann', final_analysis: 'look \ufffd cut' });
  });

  it('knows whether its action stages changed anything', async () => {
    await runner.startRunner();
    const repair = async (changes: Partial<ExecutionOutcome>): Promise<unknown> => {
      const sessionId = await runner.submit({ chainId: 'repair', alertType: 'Repair' });
      const task = await runner.taskOf(sessionId, 'repair');
      expect(task).toMatchObject({ stage: { type: 'action' }, agent: { kind: 'action' } });
      await runner.report(runner.outcome(task, changes));
      await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Executive Summary')));
      await runner.untilStatus(sessionId, 'completed');
      const { has_action_stages, actions_executed } = (await runner.reader.find(sessionId))!;
      return { has_action_stages, actions_executed };
    };
    expect(await repair({ actionsExecuted: true })).toEqual({ has_action_stages: true, actions_executed: true });
    expect(await repair({ actionsExecuted: false })).toEqual({ has_action_stages: true, actions_executed: false });
    expect(await repair({})).toEqual({ has_action_stages: false, actions_executed: null });
  });

  it('has a chat where its chain has one', async () => {
    await runner.startRunner();
    const [open, closed] = [await runner.submit(), await runner.submit({ alertType: 'Quiet', chainId: 'no-chat' })];
    await Promise.all([open, closed].map((sessionId) => runner.taskOf(sessionId)));
    expect(await runner.reader.find(open)).toMatchObject({ chat_enabled: true });
    expect(await runner.reader.find(closed)).toMatchObject({ chat_enabled: false });
  });

  it('fails with a reason when its chain is not configured', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit({ chainId: 'gone' });
    expect(await runner.storyOf(sessionId)).toEqual(['session-created', 'session in_progress', 'session failed']);
    expect(await runner.reader.status(sessionId)).toMatchObject({ error_message: 'chain "gone" not found' });
  });
});

async function waitingOutcomes(): Promise<number> {
  const { state } = await runner.messaging.manager.streams.info(runner.messaging.names.stream('OUTCOMES'));
  return state.messages;
}
