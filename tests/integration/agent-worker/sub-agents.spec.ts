import {
  cancelAgent,
  dispatchAgent,
  executionMailbox,
  executionParked,
  steerAgent,
  subjectFilters,
  subjects,
  type DispatchAgent,
  type ExecutionParked,
  type JournalEntryOf,
  type SteerAgent,
  type TaskScheduled,
} from '@tarsy/contracts';
import { ConsumerHost, MessagePublisher } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ExecutionsService } from '../../../apps/agent-worker/src/executions/executions.service.js';
import { eventually, useWorkers } from './fixture.js';

const fixture = useWorkers();
/** What chain-runner was told, in order. */
const dispatched: DispatchAgent[] = [];
const cancelled: string[] = [];
const steered: SteerAgent[] = [];
const parked: ExecutionParked[] = [];

beforeAll(async () => {
  const host = new ConsumerHost(fixture.messaging);
  const of = (verb: Parameters<typeof subjects.command>[0]) => ({ durable: verb, filterSubjects: [subjects.command(verb)] }); // prettier-ignore
  await host.consume(dispatchAgent, of('dispatch-agent'), (message) => Promise.resolve(void dispatched.push(message)));
  await host.consume(cancelAgent, of('cancel-agent'), (message) => Promise.resolve(void cancelled.push(message.executionId))); // prettier-ignore
  await host.consume(steerAgent, of('steer-agent'), (message) => Promise.resolve(void steered.push(message)));
  await host.consume(executionParked, { durable: 'parked', filterSubjects: [subjectFilters.parked] }, (message) =>
    Promise.resolve(void parked.push(message)),
  );
});

const subAgents: NonNullable<TaskScheduled['subAgents']> = {
  agents: [{ name: 'Logs', description: 'reads logs', toolServers: [], nativeTools: [] }],
  maxConcurrentAgents: 2,
  agentTimeoutMs: 60_000,
  maxBudgetMs: 600_000,
};
const dispatch = (task: string) => ({ name: 'dispatch_agent', arguments: { name: 'Logs', task } });
const parkedOf = (task: TaskScheduled, count: number): Promise<ExecutionParked> =>
  eventually(() => parked.filter(({ executionId }) => executionId === task.executionId)[count - 1]);
const dispatchedBy = (task: TaskScheduled): DispatchAgent[] =>
  dispatched.filter(({ parentExecutionId }) => parentExecutionId === task.executionId);

async function report(task: TaskScheduled, childExecutionId: string, result: string): Promise<void> {
  await new MessagePublisher(fixture.messaging).publish(executionMailbox, {
    ...{ type: 'sub-agent-result', sessionId: task.sessionId, executionId: task.executionId, childExecutionId },
    agentName: 'Logs',
    status: 'completed',
    result,
    at: new Date().toISOString(),
  });
}

const wake = (task: TaskScheduled, wakeCount: number): Promise<void> => fixture.schedule({ ...task, wakeCount });

describe('an orchestrator', () => {
  it('dispatches, parks, is woken by another worker and ends with what it was told', async () => {
    const first = await fixture.startWorker('w1');
    const task = fixture.task(
      [
        {
          toolCalls: [
            dispatch('read a'),
            dispatch('read b'),
            dispatch('read c'),
            { name: 'list_agents', arguments: {} },
          ],
        },
        { text: 'I wait.' },
        { text: 'Still waiting.' },
        { text: 'Both logs are clean.' },
      ],
      { subAgents },
    );
    await fixture.schedule(task);
    expect(await parkedOf(task, 1)).toMatchObject({ wakeCount: 0, reason: 'sub-agents', mailboxSeen: 0 });
    expect(dispatchedBy(task)).toMatchObject([
      { agentName: 'Logs', task: 'read a', callId: '1-1', position: 1 },
      { agentName: 'Logs', task: 'read b', callId: '1-2', position: 2 },
    ]);
    const [a, b] = dispatchedBy(task).map(({ executionId }) => executionId);
    await first.stop();
    await fixture.startWorker('w2');
    await report(task, a!, 'a is clean');
    await wake(task, 1);
    expect(await parkedOf(task, 2)).toMatchObject({ wakeCount: 1, mailboxSeen: 1 });
    await report(task, b!, 'b is clean');
    await wake(task, 2);
    expect(await fixture.outcomeOf(task)).toMatchObject({
      status: 'completed',
      result: 'Both logs are clean.',
      iterationsUsed: 2,
      wakeCount: 2,
    });
    const requests = fixture.model.requestsOf(task.executionId).map(({ body }) => body);
    expect(requests).toHaveLength(4);
    expect(requests[0]!.tools!.map((tool) => tool.function.name)).toContain('dispatch_agent');
    const answers = requests[1]!.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
    expect(answers[0]).toContain(`{"execution_id":"${a}","status":"accepted"}`);
    expect(answers[2]).toContain('2 sub-agents are running');
    expect(answers[3]).toContain(`- Logs (exec ${b}): running. Task: read b`);
    expect(requests[3]!.messages.slice(-3)).toMatchObject([
      { role: 'user', content: expect.stringContaining(`[Sub-agent completed] Logs (exec ${a}):`) },
      { role: 'assistant', content: 'Still waiting.' },
      { role: 'user', content: expect.stringContaining('b is clean') },
    ]);
  });

  it('says again that it is parked when its task is delivered again, and does nothing else', async () => {
    await fixture.startWorker('w1');
    const task = fixture.task([{ toolCalls: [dispatch('read')] }, { text: 'I wait.' }], { subAgents });
    await fixture.schedule(task);
    await parkedOf(task, 1);
    const entries = (await fixture.journalOf(task)).length;
    const worker = await fixture.startWorker('w2');
    await worker.app.get(ExecutionsService).run(task, { signal: new AbortController().signal });
    expect(await fixture.journalOf(task)).toHaveLength(entries);
    expect(fixture.model.requestsOf(task.executionId)).toHaveLength(2);
  });

  it('steers and cancels what runs, and knows what it has not dispatched', async () => {
    await fixture.startWorker('w1');
    const gate = Promise.withResolvers<void>();
    let child = '';
    const task = fixture.task([], { subAgents });
    const orchestrator = { ...task, executionId: randomUUID() };
    const turns = [
      () => ({ toolCalls: [dispatch('read')] }),
      () => ({
        toolCalls: [
          { name: 'steer_agent', arguments: { execution_id: child, message: 'only today' } },
          { name: 'cancel_agent', arguments: { execution_id: child } },
          { name: 'cancel_agent', arguments: { execution_id: 'nobody' } },
        ],
      }),
      () => ({ text: 'I wait.', beforeAnswer: gate.promise }),
      () => ({ text: 'Enough.' }),
    ];
    fixture.model.script({
      name: orchestrator.executionId,
      matches: (body) => body.messages.some(({ content }) => content?.includes(orchestrator.executionId) === true),
      turns: (_body, index) => {
        child = dispatchedBy(orchestrator)[0]?.executionId ?? '';
        return turns[index]!();
      },
    });
    await fixture.schedule({ ...orchestrator, alert: { ...task.alert, data: orchestrator.executionId } });
    const third = await fixture.model.request(orchestrator.executionId, 3);
    const answers = third.body.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
    expect(answers.slice(1)).toEqual([
      expect.stringContaining('message sent'),
      expect.stringContaining('cancellation requested'),
      expect.stringContaining('There is no sub-agent "nobody"'),
    ]);
    expect(await eventually(() => steered[0])).toMatchObject({ executionId: child, content: 'only today' });
    expect(await eventually(() => cancelled[0])).toBe(child);
    gate.resolve();
    await parkedOf(orchestrator, 1);
    await report(orchestrator, child, 'partial');
    await wake(orchestrator, 1);
    expect(await fixture.outcomeOf(orchestrator)).toMatchObject({ status: 'completed', result: 'Enough.' });
  });
});

describe('guidance', () => {
  it('is read before the next step and stays in the conversation', async () => {
    await fixture.startWorker('w1');
    const gate = Promise.withResolvers<void>();
    const task = fixture.task([
      { text: 'It is the disk.', beforeAnswer: gate.promise },
      { text: 'It is the network.' },
    ]);
    await fixture.schedule(task);
    await fixture.model.request(task.executionId, 1);
    await new MessagePublisher(fixture.messaging).publish(executionMailbox, {
      ...{ type: 'guidance', sessionId: task.sessionId, executionId: task.executionId, guidanceId: randomUUID() },
      ...{ from: 'person', author: 'ann@example.com', content: 'Look at the network.', at: new Date().toISOString() },
    });
    gate.resolve();
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'It is the network.' });
    const last = fixture.model.requestsOf(task.executionId).at(-1)!.body.messages.at(-1);
    expect(last).toMatchObject({ role: 'user', content: expect.stringMatching(/ann@example\.com[^]*Look at the network\./) }); // prettier-ignore
    const mail = (await fixture.journalOf(task)).find(({ type }) => type === 'mail-received');
    expect(mail as JournalEntryOf<'mail-received'>).toMatchObject({
      kind: 'guidance',
      author: 'ann@example.com',
      text: 'Look at the network.',
    });
  });
});

describe('a synthesis', () => {
  it('reads the histories of the executions that it merges', async () => {
    await fixture.startWorker('w1');
    const merged = fixture.task([
      { thinking: 'where?', toolCalls: [{ name: 'host__cpu', arguments: {} }] },
      { text: 'The CPU is busy.' },
    ]);
    await fixture.schedule(merged);
    await fixture.outcomeOf(merged);
    const task = fixture.task([{ text: 'One cause: CPU.' }]);
    const { sessionId } = merged;
    const end = { agentName: 'Analyst', agentIndex: 1, backend: 'langchain', provider: 'p', model: 'm', status: 'completed' as const }; // prettier-ignore
    const parallelResults = { stageName: 'look', executions: [{ ...end, executionId: merged.executionId }] };
    await fixture.schedule({ ...task, sessionId, agent: { ...task.agent, kind: 'synthesis' }, toolServers: [], parallelResults }); // prettier-ignore
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'One cause: CPU.' });
    const prompt = fixture.model.requestsOf(task.executionId)[0]!.body.messages[1]!.content;
    for (const text of [
      'Reasoning: where?',
      'Tool call: host__cpu {}\nResult: cpu {}',
      'Final analysis: The CPU is busy.',
    ])
      // prettier-ignore
      expect(prompt).toContain(text);
  });
});
