import { executionMailbox, type JournalEntryOf } from '@tarsy/contracts';
import { ChunkReader, DeadLetters, JournalStore, MessagePublisher, Messaging } from '@tarsy/messaging';
import { describe, expect, it } from 'vitest';
import { eventually, useWorkers } from './fixture.js';

const fixture = useWorkers();

const cpu = { name: 'host__cpu', arguments: {} };
const disk = { name: 'host__disk_usage', arguments: { path: '/var' } };
const restart = { name: 'host__restart', arguments: { path: 'db' } };

describe('an execution', () => {
  it('goes from task to outcome: prompt, tools, analysis', async () => {
    const { model, task: makeTask, schedule, outcomeOf, journalOf } = fixture;
    await fixture.startWorker('w1');
    const task = makeTask([
      { thinking: 'where is the space?', text: 'I look.', toolCalls: [cpu, disk] },
      { text: 'The disk /var is full: 97 %.', usage: { inputTokens: 300, outputTokens: 12 } },
    ]);
    await schedule(task);
    expect(await outcomeOf(task)).toMatchObject({
      status: 'completed',
      result: 'The disk /var is full: 97 %.',
      forcedConclusion: false,
      iterationsUsed: 2,
    });
    const journal = await journalOf(task);
    expect(journal.map(({ type }) => type)).toEqual([
      'claimed',
      'prompted',
      'turn',
      'tool-requested',
      'tool-requested',
      'turn',
      'concluded',
    ]);
    const prompt = journal[1] as JournalEntryOf<'prompted'>;
    expect(prompt.toolServers).toMatchObject([
      { server: 'host', tools: [{ name: 'cpu' }, { name: 'disk_usage' }, { name: 'memory' }, { name: 'restart' }] },
      { server: 'metrics', tools: [], errorMessage: 'connection refused' },
    ]);
    expect(prompt.messages[0]!.content).toContain('Unavailable MCP Servers');
    expect(journal.filter(({ type }) => type === 'turn')).toMatchObject([
      { turn: 1, iteration: 1, interactionType: 'iteration', thinking: 'where is the space?', text: 'I look.' },
      { turn: 2, iteration: 2, interactionType: 'final_analysis', usage: { inputTokens: 300, outputTokens: 12 } },
    ]);
    const [first, second] = model.requestsOf(task.executionId);
    expect(first!.body.tools!.map((tool) => tool.function.name)).toEqual(
      ['host__cpu', 'host__disk_usage', 'host__memory', 'host__restart'], // prettier-ignore
    );
    expect(second!.body.messages.slice(3)).toMatchObject([
      { role: 'tool', content: '<!-- TOOL_RESULT_START -->\ncpu {}\n<!-- TOOL_RESULT_END -->' },
      { role: 'tool', content: expect.stringContaining('\ndisk_usage {"path":"/var"}\n') },
    ]);
  });

  it('shows the answer while it streams, and all of it before the journal has it', async () => {
    await fixture.startWorker('w1');
    const gate = Promise.withResolvers<void>();
    const text = 'the disk is full of logs';
    const task = fixture.task([{ text, pieces: 6, gate: { afterChunks: 3, until: gate.promise } }]);
    const stop = new AbortController();
    let seen = '';
    const reading = (async () => {
      for await (const chunk of new ChunkReader(fixture.messaging).follow(task.sessionId, stop.signal)) {
        expect(chunk).toMatchObject({ executionId: task.executionId, turn: 1, entry: 3, part: 'text' });
        seen = seen.slice(0, chunk.offset) + chunk.delta;
      }
    })();
    await fixture.schedule(task);
    await eventually(() => seen === text.slice(0, 12));
    gate.resolve();
    await fixture.outcomeOf(task);
    await eventually(() => seen === text);
    stop.abort();
    await reading.catch(() => undefined);
  });

  it('runs calls that read at the same time, and others after them one by one', async () => {
    await fixture.startWorker('w1');
    fixture.brokerAnswers(() => undefined);
    const task = fixture.task([{ toolCalls: [cpu, disk, restart, restart] }, { text: 'done' }]);
    await fixture.schedule(task);
    const mine = (): typeof fixture.calls =>
      fixture.calls.filter(({ executionId }) => executionId === task.executionId);
    await eventually(() => mine().length === 2);
    expect(
      mine()
        .map(({ callId }) => callId)
        .sort(),
    ).toEqual(['1-1', '1-2']);
    await fixture.completeCall(mine()[0]!, 'a');
    await fixture.completeCall(mine()[1]!, 'b');
    await eventually(() => mine().length === 3);
    expect(mine()[2]).toMatchObject({ callId: '1-3', tool: 'restart', arguments: { path: 'db' } });
    await fixture.completeCall(mine()[2]!, 'c');
    await eventually(() => mine().length === 4);
    await fixture.completeCall(mine()[3]!, 'd');
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed' });
  });

  it('tells the model about tools that are none and tools that fail, and goes on', async () => {
    await fixture.startWorker('w1');
    fixture.brokerAnswers(() => ({ content: 'permission denied', isError: true }));
    const task = fixture.task([
      {
        toolCalls: [
          { name: 'host__format_disk', arguments: {} },
          { name: 'host.cpu', arguments: 'load=1' },
        ],
      },
      { text: 'I could not look.' },
    ]);
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'I could not look.' });
    const [, second] = fixture.model.requestsOf(task.executionId);
    expect(second!.body.messages.slice(-2).map(({ content }) => content)).toEqual([
      expect.stringContaining('There is no tool "host__format_disk". Available tools: host__cpu'),
      expect.stringContaining('permission denied'),
    ]);
    expect(fixture.calls.find(({ executionId }) => executionId === task.executionId)).toMatchObject({
      callId: '1-2',
      arguments: { load: 1 },
    });
  });

  it('speaks the text dialect with a model that can not call functions', async () => {
    await fixture.startWorker('w1');
    const task = fixture.task([
      { text: 'The disk may be full.' },
      {
        text: 'Thought: I look.\nAction: host.disk_usage\nAction Input: {"path": "/var"}\nObservation: 3 %\nFinal Answer: fine',
      },
      { text: 'Thought: It is.\nFinal Answer: The disk /var is full.' },
    ]);
    await fixture.schedule({ ...task, model: { ...task.model, dialect: 'react' } });
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'The disk /var is full.' });
    const [first, second, third] = fixture.model.requestsOf(task.executionId).map(({ body }) => body);
    expect(first!.tools).toBeUndefined();
    expect(first!.messages[0]!.content).toContain('- host__disk_usage: Tells the truth about disk_usage.');
    expect(second!.messages.at(-1)).toMatchObject({
      role: 'user',
      content: expect.stringContaining('neither an "Action:"'),
    });
    expect(third!.messages.slice(-2)).toMatchObject([
      { role: 'assistant', content: 'Thought: I look.\nAction: host__disk_usage\nAction Input: {"path": "/var"}' },
      { role: 'user', content: expect.stringContaining('disk_usage {"path":"/var"}') },
    ]);
    const turns = (await fixture.journalOf(task)).filter(({ type }) => type === 'turn');
    expect(turns).toMatchObject([
      { thinking: 'The disk may be full.', formatFeedback: expect.any(String) },
      { thinking: expect.stringContaining('I look.'), text: '', toolCalls: [{ name: 'host__disk_usage' }] },
      { text: 'The disk /var is full.', interactionType: 'final_analysis' },
    ]);
  });

  it('concludes without tools at the iteration limit', async () => {
    await fixture.startWorker('w1');
    const task = fixture.task([{ toolCalls: [cpu] }, { toolCalls: [cpu] }, { text: 'Probably the disk.' }], {
      agent: { name: 'A', kind: 'investigation', description: '', customInstructions: '', maxIterations: 2 },
    });
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({
      status: 'completed',
      result: 'Probably the disk.',
      forcedConclusion: true,
      iterationsUsed: 2,
    });
    const last = fixture.model.requestsOf(task.executionId).at(-1)!;
    expect(last.body.tools).toBeUndefined();
    expect(last.body.messages.at(-1)).toMatchObject({
      role: 'user',
      content: expect.stringContaining('all 2 iterations'),
    });
    expect((await fixture.journalOf(task)).at(-2)).toMatchObject({ interactionType: 'forced_conclusion' });
  });

  it('goes on after an answer that broke off', async () => {
    await fixture.startWorker('w1');
    const task = fixture.task([{ text: 'The cause is the log rotation', pieces: 2, breakAfterChunks: 1 }, { text: 'Log rotation.' }]); // prettier-ignore
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', iterationsUsed: 2 });
    expect((await fixture.journalOf(task)).map(({ type }) => type)).toContain('turn-failed');
    const [, second] = fixture.model.requestsOf(task.executionId);
    expect(second!.body.messages.at(-1)!.content).toContain('The cause is t');
  });

  it('fails at once when the key is refused, and when there is none', async () => {
    await fixture.startWorker('w1');
    const refused = fixture.task([{ error: { status: 401 } }]);
    const keyless = fixture.task([]);
    const model = { ...keyless.model, apiKeyEnv: 'NOT_SET' };
    await fixture.schedule(refused);
    await fixture.schedule({ ...keyless, model });
    expect(await fixture.outcomeOf(refused)).toMatchObject({ status: 'failed', errorCode: 'CREDENTIALS' });
    expect(await fixture.outcomeOf(keyless)).toMatchObject({ status: 'failed', errorCode: 'CREDENTIALS' });
  });

  it('summarises in one call without tools', async () => {
    await fixture.startWorker('w1');
    const task = fixture.task([{ text: 'Disk full; clean it.' }]);
    const agent = { ...task.agent, kind: 'exec_summary' as const, maxIterations: 1 };
    await fixture.schedule({ ...task, agent, toolServers: [], finalAnalysis: `All of it: ${task.executionId}` });
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'Disk full; clean it.' });
    const [request] = fixture.model.requestsOf(task.executionId);
    expect(request!.body.tools).toBeUndefined();
    expect(request!.body.messages[1]!.content).toContain('FINAL_ANALYSIS_START');
  });
});

describe('ending early', () => {
  const cancel = (task: { sessionId: string; executionId: string }, status: 'cancelled' | 'timed_out' = 'cancelled') =>
    new MessagePublisher(fixture.messaging).publish(executionMailbox, {
      type: 'cancel',
      sessionId: task.sessionId,
      executionId: task.executionId,
      status,
      reason: 'a person said so',
      at: new Date().toISOString(),
    });

  it('cancels in mid-stream: the model’s connection closes, the outcome says so, what was written is kept', async () => {
    await fixture.startWorker('w1');
    const task = fixture.task([{ text: 'a very long answer', pieces: 2, stallAfterChunks: 1 }]);
    await fixture.schedule(task);
    const request = await fixture.model.request(task.executionId, 1);
    for await (const { part } of new ChunkReader(fixture.messaging).follow(task.sessionId, AbortSignal.timeout(20_000)))
      if (part === 'text') break;
    await cancel(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'cancelled', errorMessage: 'a person said so' });
    await request.closed;
    expect(request.isAborted).toBe(true);
    const journal = await fixture.journalOf(task);
    expect(journal.map(({ type }) => type)).toEqual(['claimed', 'prompted', 'turn-failed', 'concluded']);
    expect(journal[2]).toMatchObject({ errorCode: 'EXECUTION_STOPPED', partialText: 'a very lo' });
  });

  it('leaves nothing of a model call that had written nothing when it was cancelled', async () => {
    await fixture.startWorker('w1');
    const task = fixture.task([{ beforeAnswer: new Promise(() => undefined) }]);
    await fixture.schedule(task);
    await fixture.model.request(task.executionId, 1);
    await cancel(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'cancelled' });
    expect((await fixture.journalOf(task)).map(({ type }) => type)).toEqual(['claimed', 'prompted', 'concluded']);
  });

  it('cancels while a tool runs', async () => {
    await fixture.startWorker('w1');
    fixture.brokerAnswers(() => undefined);
    const task = fixture.task([{ toolCalls: [cpu, disk] }]);
    await fixture.schedule(task);
    await eventually(() => fixture.calls.some(({ executionId }) => executionId === task.executionId));
    await cancel(task, 'timed_out');
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'timed_out' });
    expect((await fixture.journalOf(task)).at(-1)).toMatchObject({ type: 'concluded', iterationsUsed: 1 });
  });

  it('does not begin what was cancelled before', async () => {
    const task = fixture.task([{ text: 'never' }]);
    await cancel(task);
    await fixture.startWorker('w1');
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'cancelled', iterationsUsed: 0 });
    expect(fixture.model.requestsOf(task.executionId)).toEqual([]);
  });

  it('times out at the deadline', async () => {
    await fixture.startWorker('w1');
    const task = fixture.task([{ beforeAnswer: new Promise(() => undefined) }], {
      deadlineAt: new Date(Date.now() + 400).toISOString(),
    });
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'timed_out' });
  });
});

describe('surviving', () => {
  it('continues on another worker without asking or running anything twice', async () => {
    const first = await fixture.startWorker('w1');
    const gate = Promise.withResolvers<void>();
    const task = fixture.task([
      { text: 'I look.', toolCalls: [cpu] },
      { text: 'half an ans', beforeAnswer: gate.promise },
      { text: 'The disk is full.' },
    ]);
    await fixture.schedule(task);
    const interrupted = await fixture.model.request(task.executionId, 2);
    await first.stop();
    await interrupted.closed;
    expect(interrupted.isAborted).toBe(true);
    expect(fixture.outcomes.some(({ executionId }) => executionId === task.executionId)).toBe(false);
    const { port } = await fixture.startWorker('w2');
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'The disk is full.' });
    gate.resolve();
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text());
    expect(metrics).toContain('tarsy_orphans_recovered_total 1');
    const requests = fixture.model.requestsOf(task.executionId);
    expect(requests).toHaveLength(3);
    expect(requests[2]!.body.messages).toEqual(requests[1]!.body.messages);
    expect(fixture.calls.filter(({ executionId }) => executionId === task.executionId)).toHaveLength(1);
    const claims = (await fixture.journalOf(task)).filter(({ type }) => type === 'claimed');
    expect(claims).toMatchObject([{ workerId: 'w1' }, { workerId: 'w2' }]);
  });

  it('continues within ten seconds or so after a worker lost its connection for good', async () => {
    const dead = await fixture.startWorker('dead');
    const gate = Promise.withResolvers<void>();
    const task = fixture.task([
      { toolCalls: [cpu] },
      { text: 'too late', beforeAnswer: gate.promise },
      { text: 'The disk is full.' },
    ]);
    await fixture.schedule(task);
    await fixture.model.request(task.executionId, 2);
    await dead.app.get(Messaging).connection.close();
    await fixture.startWorker('w2');
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'The disk is full.' });
    // The first one wakes up late: nothing of it may count.
    gate.resolve();
    await (
      await fixture.model.request(task.executionId, 2)
    ).closed;
    const journal = await fixture.journalOf(task);
    expect(journal.map(({ type }) => type)).toEqual([
      ...['claimed', 'prompted', 'turn', 'tool-requested', 'claimed', 'turn', 'concluded'],
    ]);
    expect(fixture.calls.filter(({ executionId }) => executionId === task.executionId)).toHaveLength(1);
  });

  it('takes up a tool call that another worker had asked for', async () => {
    fixture.brokerAnswers(() => undefined);
    const first = await fixture.startWorker('w1');
    const task = fixture.task([{ toolCalls: [restart] }, { text: 'restarted' }]);
    await fixture.schedule(task);
    const call = await eventually(() => fixture.calls.find(({ executionId }) => executionId === task.executionId));
    await first.stop();
    await fixture.startWorker('w2');
    await fixture.completeCall(call, 'ok');
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed', result: 'restarted' });
    expect(fixture.calls.filter(({ executionId }) => executionId === task.executionId)).toHaveLength(1);
    expect(fixture.model.requestsOf(task.executionId)).toHaveLength(2);
  });

  it('stops without a word when another worker took the execution', async () => {
    const { port } = await fixture.startWorker('w1');
    const gate = Promise.withResolvers<void>();
    const task = fixture.task([{ text: 'mine', beforeAnswer: gate.promise }]);
    await fixture.schedule(task);
    await fixture.model.request(task.executionId, 1);
    const journal = await new JournalStore(fixture.messaging).open(task.sessionId, task.executionId);
    await journal.append({ type: 'claimed', stageId: task.stageId, workerId: 'other', wakeCount: 0 });
    gate.resolve();
    await (
      await fixture.model.request(task.executionId, 1)
    ).closed;
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await eventually(async () => /^tarsy_workers_active 0$/m.test(await metrics()));
    expect((await fixture.journalOf(task)).map(({ type }) => type)).toEqual(['claimed', 'prompted', 'claimed']);
    expect(fixture.outcomes.some(({ executionId }) => executionId === task.executionId)).toBe(false);
    // The other one's conclusion is what counts; a task that comes again only repeats its outcome.
    const conclusion = { status: 'completed', result: 'theirs', forcedConclusion: false } as const;
    await journal.append({
      type: 'concluded',
      stageId: task.stageId,
      ...conclusion,
      iterationsUsed: 1,
      maxIterations: 5,
    });
    journal.close();
    await fixture.schedule({ ...task, wakeCount: 1 });
    expect(await fixture.outcomeOf(task)).toMatchObject({ result: 'theirs', wakeCount: 1 });
    expect(fixture.model.requestsOf(task.executionId)).toHaveLength(1);
  });

  it('sets aside a task that was taken up five times for nothing', async () => {
    const task = fixture.task([{ text: 'never' }]);
    const journal = await new JournalStore(fixture.messaging).open(task.sessionId, task.executionId);
    for (let attempt = 1; attempt <= 5; attempt++)
      await journal.append({ type: 'claimed', stageId: task.stageId, workerId: `w${attempt}`, wakeCount: 0 });
    journal.close();
    await fixture.startWorker('w1');
    await fixture.schedule(task);
    expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'failed', errorCode: 'POISONED' });
    const letters = await eventually(async () => {
      const found = await new DeadLetters(fixture.messaging).list({ limit: 10 });
      return found.length > 0 ? found : undefined;
    });
    expect(letters[0]).toMatchObject({
      stream: 'TASKS',
      errorCode: 'POISONED',
      messageId: `${task.executionId}:0:task`,
    });
  });
});

describe('many at once', () => {
  it('runs 200 executions in one process at the same time', async () => {
    const service = await fixture.startWorker('w1', 200);
    const gate = Promise.withResolvers<void>();
    const tasks = Array.from({ length: 200 }, () =>
      fixture.task([{ toolCalls: [cpu] }, { text: 'a report', beforeAnswer: gate.promise }]),
    );
    await Promise.all(tasks.map((task) => fixture.schedule(task)));
    // Every one of them waits in its second call.
    await Promise.all(tasks.map((task) => fixture.model.request(task.executionId, 2)));
    expect(fixture.model.open).toBe(200);
    const metrics = await fetch(`http://127.0.0.1:${service.port}/metrics`).then((response) => response.text());
    expect(metrics).toContain('tarsy_workers_active 200');
    expect(metrics).toContain('tarsy_workers_total 200');
    gate.resolve();
    const outcomes = await Promise.all(tasks.map((task) => fixture.outcomeOf(task)));
    expect(outcomes.every(({ status }) => status === 'completed')).toBe(true);
    const after = await fetch(`http://127.0.0.1:${service.port}/metrics`).then((response) => response.text());
    expect(after).toContain('tarsy_llm_calls_total{provider="scripted",model="scripted-1"} 400');
    expect(after).toContain('tarsy_llm_tokens_total{provider="scripted",model="scripted-1",direction="input"} 40000');
  });
});
