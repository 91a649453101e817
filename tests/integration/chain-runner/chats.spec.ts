import { chatMessage, chatReplySchema, dispatchAgent, expireStage, subjects, type ChatReply, type StageView, type TaskScheduled } from '@tarsy/contracts'; // prettier-ignore
import { newId } from '@tarsy/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { eventually, RunnerFixture } from './fixture.js';

const runner = new RunnerFixture({ maxConcurrentSessions: 1 });
type Accepted = Extract<ChatReply, { kind: 'accepted' }>;

/** A session whose stages all succeeded; only answers to questions are left to the test. */
async function endedSession(chain: { chainId: string; alertType: string } = ONE_STAGE): Promise<string> {
  runner.answer = (task) => (task.stage.type === 'chat' ? undefined : runner.succeed(task));
  const sessionId = await runner.submit(chain);
  await runner.untilStatus(sessionId, 'completed');
  return sessionId;
}
const ONE_STAGE = { chainId: 'one-stage', alertType: 'DiskFull' };
const TALKATIVE = { chainId: 'talkative', alertType: 'Talkative' };

async function accepted(sessionId: string, question: string): Promise<{ reply: Accepted; task: TaskScheduled }> {
  const reply = await runner.ask(sessionId, question);
  expect(reply).toMatchObject({ kind: 'accepted' });
  const { stageId } = reply as Accepted;
  const task = await eventually(() => runner.tasks.find((one) => one.stageId === stageId && one.assignment === undefined)); // prettier-ignore
  return { reply: reply as Accepted, task };
}

const chatStagesOf = async (sessionId: string): Promise<StageView[]> =>
  (await runner.reader.find(sessionId))!.stages.filter(({ stage_type }) => stage_type === 'chat');

const untilAnswered = (sessionId: string, status: string, count = 1): Promise<true> =>
  eventually(async () => {
    const stages = await chatStagesOf(sessionId);
    return stages.length === count && stages.every((stage) => stage.status === status) && true;
  });

async function dispatch(parent: TaskScheduled, agentName: string, task: string): Promise<TaskScheduled> {
  const { sessionId, executionId: parentExecutionId } = parent;
  const executionId = newId();
  const requestedAt = new Date().toISOString();
  await runner.publisher.publish(dispatchAgent, { sessionId, executionId, parentExecutionId, callId: '1-1', requestedAt, agentName, task }); // prettier-ignore
  return await eventually(() => runner.tasks.find((one) => one.executionId === executionId));
}

/** What comes when the time of the task's stage is over. */
async function expire({ sessionId, stageId }: TaskScheduled): Promise<void> {
  const [row] = await runner.database.query<{ deadline_at: Date }[]>('SELECT deadline_at FROM stages WHERE id = $1', [stageId]); // prettier-ignore
  const now = { ...expireStage, messageId: () => newId(), subject: () => subjects.command('expire-stage') };
  await runner.publisher.publish(now, { sessionId, stageId, deadlineAt: row!.deadline_at.toISOString() });
}

describe('questions about a session that has ended', () => {
  beforeEach(() => runner.startRunner());

  it('are answered one after the other by stages of their own, and the session stays as it ended', async () => {
    const sessionId = await endedSession();
    const before = (await runner.reader.find(sessionId))!;
    const first = await accepted(sessionId, 'Which disk?');
    await runner.report(runner.outcome(first.task, { result: 'sda1' }));
    await untilAnswered(sessionId, 'completed');
    const second = await accepted(sessionId, 'Why?');
    await runner.report(runner.outcome(second.task, { result: 'logs' }));
    await untilAnswered(sessionId, 'completed', 2);

    const after = (await runner.reader.find(sessionId))!;
    expect(first.reply.chatId).toBe(second.reply.chatId);
    expect(after).toMatchObject({
      ...{ status: 'completed', completed_at: before.completed_at, final_analysis: before.final_analysis },
      ...{ executive_summary: before.executive_summary, current_stage_id: before.current_stage_id },
      ...{ chat_id: first.reply.chatId, chat_message_count: 2 },
    });
    expect(await chatStagesOf(sessionId)).toMatchObject([
      {
        ...{ id: first.reply.stageId, stage_name: 'Chat', stage_index: 3 },
        chat_message: { message_id: first.reply.messageId, content: 'Which disk?', author: 'ann', answer: 'sda1' },
      },
      { id: second.reply.stageId, stage_index: 4, chat_message: { content: 'Why?', answer: 'logs' } },
    ]);
    const { sessions } = await runner.reader.list(LIST);
    expect(sessions.find(({ id }) => id === sessionId)).toMatchObject({ chat_message_count: 2 });
  });

  it('are told in the log and stand on the timeline before anybody answers', async () => {
    const sessionId = await endedSession();
    const { reply, task } = await accepted(sessionId, 'Which disk?');
    const events = await eventually(async () => {
      const all = await runner.lifecycleOf(sessionId);
      return all.at(-1)?.type === 'question-asked' && all;
    });
    const { chatId, messageId, stageId } = reply;
    expect(events.at(-1)).toMatchObject({ chatId, messageId, stageId, executionId: task.executionId, author: 'ann', isFirst: true }); // prettier-ignore
    expect(
      (await runner.reader.timeline(sessionId)).filter(({ event_type }) => event_type === 'user_question'),
    ).toEqual([
      expect.objectContaining({
        ...{ content: 'Which disk?', status: 'completed', metadata: { author: 'ann' } },
        ...{ stage_id: stageId, execution_id: task.executionId, sequence_number: 1 },
      }),
    ]);
    await runner.report(runner.outcome(task));
    await untilAnswered(sessionId, 'completed');
    const story = await runner.storyOf(sessionId);
    expect(story.slice(story.indexOf('session completed') + 1)).toEqual([
      ...['Chat active', 'execution active', 'question-asked', 'execution completed', 'Chat completed'],
    ]);
  });

  it('reach the agent of the chat with the investigation, its summary and what was said before', async () => {
    const sessionId = await endedSession(TALKATIVE);
    const first = await accepted(sessionId, 'Which disk?');
    expect(first.task).toMatchObject({
      stage: { name: 'Chat', type: 'chat' },
      agent: { name: 'ChatAgent', kind: 'chat', maxIterations: 7 },
      subAgents: { agents: [{ name: 'Skeptic' }] },
      previousStages: [],
      chat: { question: 'Which disk?', author: 'ann', earlier: [], executiveSummary: 'result of Executive Summary' },
    });
    expect(Date.parse(first.task.deadlineAt) - Date.now()).toBeGreaterThan(39 * 60_000);
    expect(first.task.chat!.stages).toMatchObject([
      { name: 'look', type: 'investigation', executions: [{ result: 'result of look' }, { agentName: 'Skeptic' }] },
      { name: 'look - Synthesis', type: 'synthesis', executions: [{ result: 'result of look - Synthesis' }] },
    ]);
    await runner.report(runner.outcome(first.task, { status: 'failed', result: undefined, errorMessage: 'no model' }));
    await untilAnswered(sessionId, 'failed');
    const second = await accepted(sessionId, 'Again, which disk?');
    await runner.report(runner.outcome(second.task, { result: 'sda1' }));
    await eventually(async () => (await chatStagesOf(sessionId)).at(-1)?.status === 'completed');
    const third = await accepted(sessionId, 'Sure?');
    expect(third.task.chat!.earlier).toEqual([
      { question: 'Which disk?', author: 'ann' },
      { question: 'Again, which disk?', author: 'ann', answer: 'sda1' },
    ]);
    await runner.report(runner.outcome(third.task));
  });

  it('bring along what was recorded where the journals may be gone', async () => {
    const sessionId = await endedSession();
    const [look] = (await runner.reader.find(sessionId))!.stages;
    const executionId = look!.executions![0]!.execution_id;
    await runner.database.query(`UPDATE alert_sessions SET completed_at = now() - interval '9 days' WHERE id = $1`, [sessionId]); // prettier-ignore
    const step = (type: string, content: string, sequence: number, metadata: object = {}): Promise<unknown> =>
      runner.database.query(
        `INSERT INTO timeline_events (id, session_id, stage_id, execution_id, created_at, updated_at, sequence_number, event_type, status, content, metadata)
         VALUES ($1, $2, $3, $4, now(), now(), $5, $6, 'completed', $7, $8)`,
        [newId(), sessionId, look!.id, executionId, sequence, type, content, metadata],
      );
    await step('final_analysis', 'sda1 is full', 40);
    await step('llm_tool_call', '98 %', 30, { server_name: 'host', tool_name: 'df', arguments: { path: '/' } });
    await step('llm_thinking', 'Let me see.', 20);
    const { task } = await accepted(sessionId, 'Which disk?');
    expect(task.chat!.stages[0]!.executions[0]!.history).toBe(
      'Reasoning: Let me see.\n\nTool call: host.df {"path":"/"}\nResult: 98 %\n\nFinal analysis: sda1 is full',
    );
    await runner.report(runner.outcome(task));
  });

  it('are refused while another is being answered, and take no slot', async () => {
    const sessionId = await endedSession();
    const { task } = await accepted(sessionId, 'Which disk?');
    expect(await runner.ask(sessionId, 'And?')).toEqual({ kind: 'conflict', message: 'an answer is already being written' }); // prettier-ignore
    expect((await runner.reader.find(sessionId))!.chat_message_count).toBe(1);
    expect((await runner.reader.active()).active).toEqual([]);
    await endedSession();
    await runner.report(runner.outcome(task));
    await untilAnswered(sessionId, 'completed');
  });

  it('asked twice at once are answered once, and the other is refused', async () => {
    const sessionId = await endedSession();
    await runner.startRunner('chain-runner-2');
    const replies = await Promise.all([runner.ask(sessionId, 'Which disk?'), runner.ask(sessionId, 'Why?')]);
    expect(replies.map((reply) => reply?.kind).sort()).toEqual(['accepted', 'conflict']);
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Chat')));
    await untilAnswered(sessionId, 'completed');
  });

  it('that come twice are one', async () => {
    const sessionId = await endedSession();
    const commandId = newId();
    const first = await runner.ask(sessionId, 'Which disk?', { commandId });
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Chat')));
    await untilAnswered(sessionId, 'completed');
    const replyTo = runner.messaging.newReplySubject();
    const again = runner.messaging.awaitReply(replyTo, chatReplySchema, 10_000);
    await runner.publisher.publish(
      { ...chatMessage, messageId: () => newId() },
      { commandId, sessionId, content: 'Which disk?', requestedBy: 'ann', requestedAt: new Date().toISOString(), replyTo }, // prettier-ignore
    );
    expect(await again).toEqual(first);
    expect(await chatStagesOf(sessionId)).toHaveLength(1);
  });
});

describe('an answer', () => {
  beforeEach(() => runner.startRunner());

  it('may have sub-agents', async () => {
    const sessionId = await endedSession(TALKATIVE);
    const { task } = await accepted(sessionId, 'Which disk?');
    const child = await dispatch(task, 'Skeptic', 'Doubt it.');
    expect(child.assignment).toMatchObject({ parentExecutionId: task.executionId, task: 'Doubt it.' });
    expect(child.chat).toBeUndefined();
    await runner.report(runner.outcome(child, { result: 'doubtful' }));
    expect(await eventually(() => runner.mailboxOf(task))).toMatchObject({ type: 'sub-agent-result', result: 'doubtful' }); // prettier-ignore
    await runner.report(runner.outcome(task));
    await untilAnswered(sessionId, 'completed');
  });

  it('is cancelled with a cancel of its session, which stays as it ended', async () => {
    const sessionId = await endedSession();
    const { task } = await accepted(sessionId, 'Which disk?');
    expect(await runner.cancel(sessionId)).toEqual({ kind: 'accepted' });
    expect(await eventually(() => runner.mailboxOf(task))).toMatchObject({ type: 'cancel', reason: 'cancelled by ann' }); // prettier-ignore
    await runner.report(runner.outcome(task, { status: 'cancelled', result: undefined, errorMessage: 'cancelled by ann' })); // prettier-ignore
    await untilAnswered(sessionId, 'cancelled');
    expect(await runner.statusOf(sessionId)).toBe('completed');
    expect(await runner.cancel(sessionId)).toEqual({ kind: 'conflict', message: 'session is completed and can not be cancelled' }); // prettier-ignore
    const next = await accepted(sessionId, 'Which disk?');
    await runner.report(runner.outcome(next.task));
    await eventually(async () => (await chatStagesOf(sessionId)).at(-1)?.status === 'completed');
  });

  it('that nobody ends is ended for it, as cancelled where it was told so', async () => {
    const sessionId = await endedSession();
    const { task } = await accepted(sessionId, 'Which disk?');
    await runner.cancel(sessionId);
    await expire(task);
    await untilAnswered(sessionId, 'cancelled');
    const next = await accepted(sessionId, 'Which disk?');
    await expire(next.task);
    await eventually(async () => (await chatStagesOf(sessionId)).at(-1)?.status === 'timed_out');
    expect(await runner.statusOf(sessionId)).toBe('completed');
  });
});

describe('a session that can not be asked', () => {
  beforeEach(() => runner.startRunner());

  it('is unknown, not over, cancelled or without a chat', async () => {
    expect(await runner.ask(newId(), 'x')).toEqual({ kind: 'not_found' });
    const sessionId = await runner.submit();
    const task = await runner.taskOf(sessionId);
    expect(await runner.ask(sessionId, 'x')).toMatchObject({ kind: 'refused', message: expect.stringContaining('still being processed') }); // prettier-ignore
    await runner.cancel(sessionId);
    expect(await runner.ask(sessionId, 'x')).toMatchObject({ kind: 'refused', message: expect.stringContaining('cancelling') }); // prettier-ignore
    await runner.report(runner.outcome(task, { status: 'cancelled' }));
    await runner.untilStatus(sessionId, 'cancelled');
    expect(await runner.ask(sessionId, 'x')).toMatchObject({ kind: 'refused' });
    const quiet = await endedSession({ chainId: 'no-chat', alertType: 'Quiet' });
    expect(await runner.ask(quiet, 'x')).toEqual({ kind: 'refused', message: 'chat is switched off for the chain of this session' }); // prettier-ignore
    await runner.database.query('UPDATE alert_sessions SET deleted_at = now() WHERE id = $1', [quiet]);
    expect(await runner.ask(quiet, 'x')).toEqual({ kind: 'not_found' });
  });

  it('is not one that failed', async () => {
    const sessionId = await runner.submit();
    await runner.report(runner.outcome(await runner.taskOf(sessionId), { status: 'failed', result: undefined, errorMessage: 'no model' })); // prettier-ignore
    await runner.untilStatus(sessionId, 'failed');
    const { task } = await accepted(sessionId, 'Why did it fail?');
    expect(task.chat!.stages).toMatchObject([{ status: 'failed', executions: [{ errorMessage: 'no model' }] }]);
    await runner.report(runner.outcome(task, { result: 'No model.' }));
    await untilAnswered(sessionId, 'completed');
    expect((await runner.reader.find(sessionId))!).toMatchObject({ status: 'failed', error_message: 'no model' });
  });
});

describe('a chain-runner that dies after it stored a question', () => {
  // What follows a question: stage, execution, question, task, deadline.
  it.each([0, 1, 2, 3, 4])('leaves it to another, cut off after %i messages', async (count) => {
    const first = await runner.startRunner();
    const sessionId = await endedSession();
    const before = (await runner.storyOf(sessionId)).length;
    const hanging = runner.cutOff(first, count);
    const reply = runner.ask(sessionId, 'Which disk?');
    await hanging;
    const second = runner.startRunner('chain-runner-2');
    await runner.kill(first);
    await second;
    expect(await reply).toMatchObject({ kind: 'accepted' });
    const task = await runner.taskOf(sessionId, 'Chat');
    await runner.report(runner.outcome(task, { result: 'sda1' }));
    await untilAnswered(sessionId, 'completed');
    expect((await runner.storyOf(sessionId)).slice(before)).toEqual([
      ...['Chat active', 'execution active', 'question-asked', 'execution completed', 'Chat completed'],
    ]);
    expect(runner.tasks.filter((one) => one.executionId === task.executionId)).toHaveLength(1);
  });
});

const LIST = {
  ...{ page: 1, pageSize: 50, sortBy: 'created_at', sortOrder: 'desc' },
} as Parameters<typeof runner.reader.list>[0];
