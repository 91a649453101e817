import {
  cancelAgent,
  commandReplySchema,
  dispatchAgent,
  executionParked,
  expireStage,
  guideSession,
  steerAgent,
  subjects,
  type CommandReply,
  type MailboxMessage,
  type TaskScheduled,
} from '@tarsy/contracts';
import { newId } from '@tarsy/core';
import { JournalStore } from '@tarsy/messaging';
import { describe, expect, it, vi } from 'vitest';
import { SubAgentsService } from '../../../apps/chain-runner/src/sub-agents/sub-agents.service.js';
import { eventually, RunnerFixture } from './fixture.js';

const fixture = new RunnerFixture({ maxConcurrentSessions: 50 });

async function orchestrator(): Promise<TaskScheduled> {
  const sessionId = await fixture.submit({ alertType: 'Orchestrated', chainId: 'orchestrated' });
  return await fixture.taskOf(sessionId);
}

const commandFrom = ({ sessionId, executionId: parentExecutionId }: TaskScheduled, executionId: string) => ({ sessionId, executionId, parentExecutionId, callId: '1-1', requestedAt: new Date().toISOString() }); // prettier-ignore

async function dispatch(parent: TaskScheduled, agentName = 'Skeptic', task = 'doubt it'): Promise<TaskScheduled> {
  const executionId = newId();
  await fixture.publisher.publish(dispatchAgent, { ...commandFrom(parent, executionId), agentName, task });
  return await eventually(() => fixture.tasks.find((one) => one.executionId === executionId));
}

async function park({ sessionId, stageId, executionId, wakeCount }: TaskScheduled, mailboxSeen = 0): Promise<void> {
  const parkedAt = new Date().toISOString();
  const parked = { sessionId, stageId, executionId, wakeCount, reason: 'sub-agents' as const, mailboxSeen, parkedAt };
  await fixture.publisher.publish(executionParked, parked);
}

const untilParked = ({ executionId }: TaskScheduled): Promise<unknown> =>
  eventually(async () => (await fixture.database.query<unknown[]>('SELECT 1 FROM agent_executions WHERE id = $1 AND parked_at IS NOT NULL', [executionId])).length > 0); // prettier-ignore

const wokenTask = ({ executionId }: TaskScheduled, wakeCount: number): Promise<TaskScheduled> =>
  eventually(() => fixture.tasks.find((one) => one.executionId === executionId && one.wakeCount === wakeCount));

async function mailOf({ sessionId, executionId }: TaskScheduled): Promise<readonly MailboxMessage[]> {
  const journal = await new JournalStore(fixture.messaging).open(sessionId, executionId);
  journal.close();
  return journal.mailbox;
}

async function guide(sessionId: string, executionId?: string): Promise<CommandReply | undefined> {
  const replyTo = fixture.messaging.newReplySubject();
  const reply = fixture.messaging.awaitReply(replyTo, commandReplySchema, 10_000);
  await fixture.publisher.publish(guideSession, {
    ...{ commandId: newId(), sessionId, content: 'look at the network', author: 'ann', replyTo },
    ...(executionId === undefined ? {} : { executionId }),
    requestedAt: new Date().toISOString(),
  });
  return await reply;
}

/** What comes half a minute after the deadline of a task's stage, now. */
async function expireNow({ sessionId, stageId, deadlineAt }: TaskScheduled): Promise<void> {
  await fixture.publisher.publish(
    { ...expireStage, messageId: () => `${stageId}-now`, subject: () => subjects.command('expire-stage') },
    { sessionId, stageId, deadlineAt },
  );
}

describe('a sub-agent', () => {
  it('is an execution of its own whose end goes to its parent, which is woken for it', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    expect(parent.subAgents).toMatchObject({
      agents: [{ name: 'Skeptic' }, { name: 'Analyst' }],
      maxConcurrentAgents: 5,
    });
    const child = await dispatch(parent);
    expect(child).toMatchObject({
      assignment: { parentExecutionId: parent.executionId, parentAgentName: 'Analyst', task: 'doubt it' },
      agent: { name: 'Skeptic' },
      previousStages: [],
    });
    expect(child.subAgents).toBeUndefined();
    expect(Date.parse(child.deadlineAt)).toBeLessThanOrEqual(Date.now() + 420_000);
    await park(parent);
    await untilParked(parent);
    await fixture.report(fixture.outcome(child, { result: 'I doubt it' }));
    expect(await wokenTask(parent, 1)).toMatchObject({ executionId: parent.executionId });
    expect(await mailOf(parent)).toMatchObject([
      { type: 'sub-agent-result', childExecutionId: child.executionId, status: 'completed', result: 'I doubt it' },
    ]);
    const [execution] = (await fixture.reader.find(parent.sessionId))!.stages[0]!.executions!;
    expect(execution).toMatchObject({
      status: 'active',
      sub_agents: [{ agent_name: 'Skeptic', status: 'completed', task: 'doubt it', parent_execution_id: parent.executionId }], // prettier-ignore
    });
    fixture.answer = fixture.succeed;
    await fixture.report(fixture.outcome({ ...parent, wakeCount: 1 }));
    await fixture.untilStatus(parent.sessionId, 'completed');
  });

  it('wakes a parent that had not seen its mail when it parked', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    const child = await dispatch(parent);
    await fixture.report(fixture.outcome(child, { status: 'failed', result: undefined, errorMessage: 'no key' }));
    await eventually(async () => (await mailOf(parent)).length === 1);
    await park(parent, 0);
    const woken = await wokenTask(parent, 1);
    await park(woken, 1);
    await untilParked(parent);
    expect(fixture.tasks.filter(({ executionId }) => executionId === parent.executionId)).toHaveLength(2);
  });

  it('is there once however often it is dispatched, and never after its parent has ended', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    const child = await dispatch(parent);
    const again = { ...commandFrom(parent, child.executionId), agentName: 'Skeptic', task: 'doubt it' };
    // Another message id, as after the window in which JetStream drops copies.
    const definition = { ...dispatchAgent, messageId: () => newId() };
    await fixture.publisher.publish(definition, again);
    const second = await dispatch(parent, 'Analyst', 'look again');
    expect(second.agent.maxIterations).toBe(3);
    const [execution] = (await fixture.reader.find(parent.sessionId))!.stages[0]!.executions!;
    expect(execution!.sub_agents!.map(({ agent_index }) => agent_index)).toEqual([1, 2]);
    fixture.answer = fixture.succeed;
    await fixture.report(fixture.outcome(parent));
    await fixture.untilStatus(parent.sessionId, 'completed');
    const late = { ...commandFrom(parent, newId()), agentName: 'Skeptic', task: 'too late' };
    await fixture.publisher.publish(dispatchAgent, late);
    const ended = (await fixture.reader.find(parent.sessionId))!.stages[0]!.executions![0]!;
    expect(ended.sub_agents!.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(await mailOf(child)).toMatchObject([{ type: 'cancel', status: 'cancelled' }]);
    expect(await mailOf(second)).toMatchObject([{ type: 'cancel' }]);
  });

  it('has the place in which its parent dispatched it, whichever of them is handled first', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    for (const position of [2, 1]) {
      const command = { ...commandFrom(parent, newId()), agentName: 'Skeptic', task: `task ${position}`, position };
      await fixture.publisher.publish(dispatchAgent, command);
      await eventually(() => fixture.tasks.find(({ executionId }) => executionId === command.executionId));
    }
    const [execution] = (await fixture.reader.find(parent.sessionId))!.stages[0]!.executions!;
    expect(execution!.sub_agents!.map(({ agent_index, task }) => [agent_index, task])).toEqual([
      [1, 'task 1'],
      [2, 'task 2'],
    ]);
  });

  it('that the configuration does not have is reported as failed', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    await fixture.publisher.publish(dispatchAgent, { ...commandFrom(parent, newId()), agentName: 'Nobody', task: 'x' });
    await eventually(async () => (await mailOf(parent)).length === 1);
    expect(await mailOf(parent)).toMatchObject([{ status: 'failed', agentName: 'Nobody' }]);
  });

  it('is steered and cancelled by its parent alone', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    const child = await dispatch(parent);
    const command = commandFrom(parent, child.executionId);
    await fixture.publisher.publish(steerAgent, { ...command, content: 'only today' });
    await eventually(async () => (await mailOf(child)).length === 1);
    await fixture.publisher.publish(cancelAgent, { ...command, callId: '2-1', parentExecutionId: newId() });
    await fixture.publisher.publish(cancelAgent, { ...command, callId: '2-2' });
    await eventually(async () => (await mailOf(child)).length === 2);
    expect(await mailOf(child)).toMatchObject([
      { type: 'guidance', from: 'agent', author: 'Analyst', content: 'only today' },
      { type: 'cancel', reason: 'cancelled by Analyst' },
    ]);
    await fixture.report(fixture.outcome(child, { status: 'cancelled', result: undefined, errorMessage: 'cancelled by Analyst' })); // prettier-ignore
    await eventually(async () => (await mailOf(parent)).length === 1);
    expect(await mailOf(parent)).toMatchObject([{ status: 'cancelled', errorMessage: 'cancelled by Analyst' }]);
  });

  it('hears what its parent says although that comes before it is dispatched', async () => {
    const runner = await fixture.startRunner();
    const steer = vi.spyOn(runner.app.get(SubAgentsService), 'steer');
    const parent = await orchestrator();
    const executionId = newId();
    const command = commandFrom(parent, executionId);
    await fixture.publisher.publish(steerAgent, { ...command, callId: '1-2', content: 'only today' });
    await eventually(() => steer.mock.settledResults.some(({ type }) => type === 'rejected'));
    await fixture.publisher.publish(dispatchAgent, { ...command, agentName: 'Skeptic', task: 'doubt it' });
    const child = await eventually(() => fixture.tasks.find((one) => one.executionId === executionId));
    await eventually(async () => (await mailOf(child)).length === 1);
    expect(await mailOf(child)).toMatchObject([{ type: 'guidance', content: 'only today' }]);
  });

  it('ends with the whole tree when the session is cancelled, the waiting parent too', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    const child = await dispatch(parent);
    await park(parent);
    await untilParked(parent);
    expect(await fixture.cancel(parent.sessionId)).toEqual({ kind: 'accepted' });
    const woken = await wokenTask(parent, 1);
    expect(await mailOf(child)).toMatchObject([{ type: 'cancel' }]);
    const cancelled = { status: 'cancelled' as const, result: undefined, errorMessage: 'cancelled by ann' };
    await fixture.report(fixture.outcome(woken, cancelled));
    await fixture.untilStatus(parent.sessionId, 'cancelled');
    const story = await fixture.storyOf(parent.sessionId);
    expect(story.slice(-4)).toEqual(['execution cancelled', 'execution cancelled', 'look cancelled', 'session cancelled']); // prettier-ignore
    await fixture.report(fixture.outcome(child, cancelled));
    expect(await fixture.storyOf(parent.sessionId)).toEqual(story);
  });

  it('reports to its paused parent when the time of their stage is over', async () => {
    await fixture.startRunner();
    const sessionId = await fixture.submit({ alertType: 'OrchestratedPair', chainId: 'orchestrated-pair' });
    const [parent] = await fixture.tasksOf(sessionId, 'look', 2);
    const child = await dispatch(parent!);
    await fixture.pause(parent!);
    await fixture.untilStage(sessionId, 'look', 'active', 'paused');
    await expireNow(parent!);
    await fixture.untilStatus(sessionId, 'paused');
    await eventually(async () => (await mailOf(parent!)).length === 1);
    expect(await mailOf(parent!)).toMatchObject([
      { type: 'sub-agent-result', childExecutionId: child.executionId, status: 'timed_out' },
    ]);
    expect(await fixture.cancel(sessionId)).toEqual({ kind: 'accepted' });
  });

  it('ends with its parent when the time of their stage is over', async () => {
    await fixture.startRunner();
    const sessionId = await fixture.submit({ alertType: 'OrchestratedPair', chainId: 'orchestrated-pair' });
    const [parent, other] = await fixture.tasksOf(sessionId, 'look', 2);
    const child = await dispatch(parent!);
    await fixture.report(fixture.outcome(other!));
    await fixture.untilStage(sessionId, 'look', 'active', 'completed');
    await expireNow(parent!);
    await fixture.untilStage(sessionId, 'look', 'completed', 'timed_out');
    await eventually(async () => (await mailOf(child)).length === 1);
    expect(await mailOf(child)).toMatchObject([
      { type: 'cancel', reason: 'Analyst, which dispatched it, is timed_out' },
    ]);
    const [execution] = (await fixture.reader.find(sessionId))!.stages[0]!.executions!;
    expect(execution).toMatchObject({ status: 'timed_out', sub_agents: [{ status: 'cancelled' }] });
    await fixture.cancel(sessionId);
  });

  it('ends with its paused parent when that is given up', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    const child = await dispatch(parent);
    await fixture.pause(parent);
    await fixture.untilStatus(parent.sessionId, 'paused');
    expect(await fixture.cancelExecution(parent)).toEqual({ kind: 'accepted' });
    await eventually(async () => (await mailOf(child)).length === 1);
    const [execution] = (await fixture.reader.find(parent.sessionId))!.stages[0]!.executions!;
    expect(execution).toMatchObject({ status: 'cancelled', sub_agents: [{ status: 'cancelled' }] });
  });

  it('reports to its parent although a chain-runner dies between the commit and the mail', async () => {
    const dying = await fixture.startRunner('dying');
    const parent = await orchestrator();
    const child = await dispatch(parent);
    await park(parent);
    await untilParked(parent);
    const hangs = fixture.cutOff(dying, 1);
    await fixture.report(fixture.outcome(child, { result: 'found' }));
    await hangs;
    await fixture.kill(dying);
    await fixture.startRunner('living');
    expect(await wokenTask(parent, 1)).toMatchObject({ wakeCount: 1 });
    expect(await mailOf(parent)).toMatchObject([{ result: 'found' }]);
  });
});

describe('guidance', () => {
  it('goes to all running agents of the stage, or to the one that is named', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    const child = await dispatch(parent);
    expect(await guide(parent.sessionId)).toEqual({ kind: 'accepted' });
    expect(await mailOf(parent)).toMatchObject([{ type: 'guidance', from: 'person', author: 'ann', content: 'look at the network' }]); // prettier-ignore
    expect(await mailOf(child)).toEqual([]);
    expect(await guide(parent.sessionId, child.executionId)).toEqual({ kind: 'accepted' });
    expect(await mailOf(child)).toHaveLength(1);
    expect(await guide(parent.sessionId, newId())).toMatchObject({ kind: 'conflict' });
    expect(await guide(newId())).toEqual({ kind: 'not_found' });
  });

  it('wakes an agent that waits for others', async () => {
    await fixture.startRunner();
    const parent = await orchestrator();
    await dispatch(parent);
    await park(parent);
    await untilParked(parent);
    expect(await guide(parent.sessionId)).toEqual({ kind: 'accepted' });
    await wokenTask(parent, 1);
  });

  it('is refused where nothing runs any more', async () => {
    fixture.answer = fixture.succeed;
    await fixture.startRunner();
    const sessionId = await fixture.submit();
    await fixture.untilStatus(sessionId, 'completed');
    expect(await guide(sessionId)).toMatchObject({ kind: 'conflict', message: expect.stringContaining('completed') });
  });
});
