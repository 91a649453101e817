import { describe, expect, it } from 'vitest';
import { completedStage, RunnerFixture } from './fixture.js';

const runner = new RunnerFixture({ maxConcurrentSessions: 20 });
const failure = { status: 'failed', errorMessage: 'no model', result: undefined } as const;

const anyOfTwo = { chainId: 'any-of-two', alertType: 'Any' };
const allOfTwo = { chainId: 'all-of-two', alertType: 'All' };

describe('a stage of several agents', () => {
  it('runs all of them at once, and its synthesis takes the place of their results', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(anyOfTwo);
    const [analyst, skeptic] = await runner.tasksOf(sessionId, 'look', 2);
    expect([analyst, skeptic].map((task) => task?.agent.name)).toEqual(['Analyst', 'Skeptic']);
    await runner.report(runner.outcome(analyst!, { result: 'disk is full' }));
    await runner.report(runner.outcome(skeptic!, { result: 'disk is not full' }));
    const synthesis = await runner.taskOf(sessionId, 'look - Synthesis');
    expect(synthesis).toMatchObject({
      stage: { type: 'synthesis', index: 2 },
      agent: { name: 'SynthesisAgent', kind: 'synthesis' },
      toolServers: [],
      parallelResults: {
        stageName: 'look',
        executions: [
          { executionId: analyst!.executionId, agentName: 'Analyst', agentIndex: 1, status: 'completed', result: 'disk is full' }, // prettier-ignore
          { executionId: skeptic!.executionId, agentName: 'Skeptic', agentIndex: 2, status: 'completed', result: 'disk is not full' }, // prettier-ignore
        ],
      },
    });
    await runner.report(runner.outcome(synthesis, { result: 'it is full' }));
    const decide = await runner.taskOf(sessionId, 'decide');
    expect(decide.previousStages).toEqual([{ name: 'look - Synthesis', result: 'it is full' }]);
    await runner.report(runner.outcome(decide, { result: 'clean it' }));
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'Executive Summary')));
    expect(await runner.storyOf(sessionId)).toEqual([
      'session-created',
      'session in_progress',
      ...['look active', 'execution active', 'execution active', 'execution completed', 'execution completed'],
      'look completed',
      ...['look - Synthesis', 'decide', 'Executive Summary'].flatMap(completedStage),
      'session completed',
    ]);
    const detail = await runner.reader.find(sessionId);
    expect(detail).toMatchObject({ has_parallel_stages: true, final_analysis: 'clean it' });
    const [look, merged] = detail!.stages;
    expect(look).toMatchObject({ parallel_type: 'multi_agent', expected_agent_count: 2 });
    expect(merged).toMatchObject({ stage_type: 'synthesis', parallel_type: null, referenced_stage_id: look!.id });
  });

  it('runs replicas of one agent', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit({ chainId: 'replicas', alertType: 'Replicas' });
    const tasks = await runner.tasksOf(sessionId, 'look', 3);
    expect(tasks.map(({ agent }) => agent.name)).toEqual(['Analyst-1', 'Analyst-2', 'Analyst-3']);
    for (const task of tasks) await runner.report(runner.outcome(task));
    await runner.taskOf(sessionId, 'look - Synthesis');
    expect((await runner.reader.find(sessionId))!.stages[0]).toMatchObject({ parallel_type: 'replica' });
  });

  it('waits for the others when one fails, and goes on under the policy any', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(anyOfTwo);
    const [analyst, skeptic] = await runner.tasksOf(sessionId, 'look', 2);
    await runner.report(runner.outcome(analyst!, failure));
    await runner.untilStage(sessionId, 'look', 'active', 'failed');
    await runner.report(runner.outcome(skeptic!, { result: 'only I know' }));
    const synthesis = await runner.taskOf(sessionId, 'look - Synthesis');
    expect(synthesis.parallelResults?.executions).toMatchObject([
      { agentName: 'Analyst', status: 'failed', errorMessage: 'no model' },
      { agentName: 'Skeptic', status: 'completed', result: 'only I know' },
    ]);
    expect((await runner.reader.find(sessionId))!.stages[0]!.status).toBe('completed');
  });

  it('ends the session under the policy all when one fails, and what earlier stages found is kept', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(allOfTwo);
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'first'), { result: 'found early' }));
    const [analyst, skeptic] = await runner.tasksOf(sessionId, 'look', 2);
    await runner.report(runner.outcome(analyst!));
    await runner.report(runner.outcome(skeptic!, failure));
    expect((await runner.storyOf(sessionId)).slice(-2)).toEqual(['look failed', 'session failed']);
    const detail = await runner.reader.find(sessionId);
    expect(detail).toMatchObject({ error_message: 'Skeptic: no model', final_analysis: 'found early' });
    expect(runner.tasks.filter((task) => task.sessionId === sessionId)).toHaveLength(3);
  });

  it('keeps the parallel results when their synthesis fails', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(anyOfTwo);
    for (const task of await runner.tasksOf(sessionId, 'look', 2))
      await runner.report(runner.outcome(task, { result: `by ${task.agent.name}` }));
    await runner.report(runner.outcome(await runner.taskOf(sessionId, 'look - Synthesis'), failure));
    await runner.untilStatus(sessionId, 'failed');
    const { final_analysis: analysis } = (await runner.reader.find(sessionId))!;
    expect(analysis).toContain('by Analyst');
    expect(analysis).toContain('by Skeptic');
  });

  it('leaves nothing active when the session is cancelled, and is cancelled as a whole', async () => {
    await runner.startRunner();
    const sessionId = await runner.submit(anyOfTwo);
    const tasks = await runner.tasksOf(sessionId, 'look', 2);
    await runner.report(runner.outcome(tasks[0]!, { result: 'done already' }));
    await runner.untilStage(sessionId, 'look', 'active', 'completed');
    expect(await runner.cancel(sessionId)).toEqual({ kind: 'accepted' });
    await runner.report(runner.outcome(tasks[1]!, { status: 'cancelled', errorMessage: 'cancelled by ann' }));
    await runner.untilStatus(sessionId, 'cancelled');
    const { stages } = (await runner.reader.find(sessionId))!;
    expect(stages.map(({ status }) => status)).not.toContain('active');
    expect(stages.flatMap(({ executions = [] }) => executions.map(({ status }) => status))).toEqual(['completed', 'cancelled']); // prettier-ignore
  });
});
