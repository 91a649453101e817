import { executionMailbox, subjects, toolCallCompleted, type ToolCallCompleted } from '@tarsy/contracts';
import { ExecutionLostError, JournalStore, MessagePublisher, type NewJournalEntry } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually, useMessaging } from './fixture.js';

const fixture = useMessaging();

const stageId = randomUUID();
const claimed = (workerId: string): NewJournalEntry => ({ type: 'claimed', stageId, workerId, wakeCount: 0 });
const nudge = (content: string): NewJournalEntry => ({ type: 'message-added', stageId, reason: 'nudge', content });
const newExecution = () => ({ sessionId: randomUUID(), executionId: randomUUID() });
const resultOf = (
  execution: { sessionId: string; executionId: string },
  callId: string,
  content = 'fine',
): ToolCallCompleted => ({
  ...execution,
  stageId,
  callId,
  server: 'host',
  tool: 'disk_usage',
  outcome: 'ok',
  isError: false,
  content,
  durationMs: 1,
  completedAt: new Date().toISOString(),
});

describe(JournalStore.name, () => {
  it('gives a second worker what the first one did', async () => {
    const execution = newExecution();
    const { sessionId, executionId } = execution;
    const first = await new JournalStore(fixture.messaging).open(sessionId, executionId);
    expect([first.entries, first.toolResults.size, first.mailbox]).toEqual([[], 0, []]);
    await first.append(claimed('worker-1'));
    await first.append(nudge('go on'));
    const publisher = new MessagePublisher(fixture.messaging);
    await publisher.publishOnce(toolCallCompleted, resultOf(execution, '1-1'));
    const cancel = {
      type: 'cancel',
      ...execution,
      status: 'cancelled',
      reason: 'enough',
      at: new Date().toISOString(),
    } as const;
    await publisher.publish(executionMailbox, cancel);

    const second = await new JournalStore(await fixture.another()).open(sessionId, executionId);
    expect(second.entries).toEqual(first.entries);
    expect(second.entries.map(({ entry, type }) => [entry, type])).toEqual([
      [1, 'claimed'],
      [2, 'message-added'],
    ]);
    expect(second.toolResults.get('1-1')).toMatchObject({ content: 'fine' });
    expect(second.mailbox).toEqual([cancel]);
    first.close();
    second.close();
  });

  it('stops a writer that another one has overtaken, for good', async () => {
    const { sessionId, executionId } = newExecution();
    const asleep = await new JournalStore(fixture.messaging).open(sessionId, executionId);
    await asleep.append(claimed('worker-1'));
    const awake = await new JournalStore(await fixture.another()).open(sessionId, executionId);
    await awake.append(claimed('worker-2'));
    await expect(asleep.append(nudge('late'))).rejects.toBeInstanceOf(ExecutionLostError);
    await expect(asleep.append(nudge('later'))).rejects.toMatchObject({ code: 'EXECUTION_LOST', retryable: false });
    await awake.append(nudge('in time'));
    const replayed = await new JournalStore(fixture.messaging).open(sessionId, executionId);
    expect(replayed.entries.map((entry) => entry.type)).toEqual(['claimed', 'claimed', 'message-added']);
    for (const journal of [asleep, awake, replayed]) journal.close();
  });

  it('lets exactly one of two workers win that begin at the same time', async () => {
    const { sessionId, executionId } = newExecution();
    const stores = [new JournalStore(fixture.messaging), new JournalStore(await fixture.another())];
    const journals = await Promise.all(stores.map((store) => store.open(sessionId, executionId)));
    const ends = await Promise.allSettled(journals.map((journal, index) => journal.append(claimed(`worker-${index}`))));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const journal of journals) journal.close();
  });

  it('knows its own entry when the answer to an append was lost', async () => {
    const { sessionId, executionId } = newExecution();
    const { messaging } = fixture;
    const journal = await new JournalStore(messaging).open(sessionId, executionId);
    const publish = messaging.jetstream.publish.bind(messaging.jetstream);
    let calls = 0;
    messaging.jetstream.publish = async (...request) => {
      const isFirst = calls++ === 0;
      const answer = await publish(...request);
      if (isFirst) throw new Error('the answer got lost');
      return answer;
    };
    try {
      await journal.append(claimed('worker-1'));
      await journal.append(nudge('go on'));
    } finally {
      messaging.jetstream.publish = publish;
    }
    expect(calls).toBe(3);
    const replayed = await new JournalStore(messaging).open(sessionId, executionId);
    expect(replayed.entries.map(({ entry }) => entry)).toEqual([1, 2]);
    journal.close();
    replayed.close();
  });

  it('keeps appends in the order of their calls', async () => {
    const { sessionId, executionId } = newExecution();
    const journal = await new JournalStore(fixture.messaging).open(sessionId, executionId);
    await Promise.all(Array.from({ length: 50 }, (_, index) => journal.append(nudge(String(index)))));
    const replayed = await new JournalStore(fixture.messaging).open(sessionId, executionId);
    expect(replayed.entries.map((entry) => entry.type === 'message-added' && entry.content)).toEqual(
      Array.from({ length: 50 }, (_, index) => String(index)),
    );
    journal.close();
    replayed.close();
  });

  it('takes an entry of 5 MB and gives it back', async () => {
    const { sessionId, executionId } = newExecution();
    const content = 'x'.repeat(5 * 1024 ** 2);
    const journal = await new JournalStore(fixture.messaging).open(sessionId, executionId);
    await journal.append(nudge(content));
    await journal.append(nudge('small'));
    const replayed = await new JournalStore(await fixture.another()).open(sessionId, executionId);
    const [entry] = replayed.entries;
    expect(entry?.type === 'message-added' && entry.content === content).toBe(true);
    journal.close();
    replayed.close();
  });

  it('refuses an entry that does not fit, and goes on', async () => {
    const { sessionId, executionId } = newExecution();
    const journal = await new JournalStore(fixture.messaging).open(sessionId, executionId);
    await expect(journal.append({ ...claimed('w'), wakeCount: -1 } as NewJournalEntry)).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
    });
    expect((await journal.append(claimed('w'))).entry).toBe(1);
    journal.close();
  });
});

/** Journals look for results every now and then; from now on they hear of them, or never. */
const neverLook = (): void => void vi.useFakeTimers({ toFake: ['setInterval'] });
afterEach(() => vi.useRealTimers());

describe('waiting for what others write', () => {
  it('is told of a tool result when it is stored, of a large one too', async () => {
    neverLook();
    const execution = newExecution();
    const journal = await new JournalStore(fixture.messaging).open(execution.sessionId, execution.executionId);
    const publisher = new MessagePublisher(await fixture.another());
    const signal = AbortSignal.timeout(30_000);
    const [small, large] = [journal.waitForToolResult('1-1', signal), journal.waitForToolResult('1-2', signal)];
    const content = 'y'.repeat(600_000);
    await fixture.messaging.connection.flush();
    await publisher.publishOnce(toolCallCompleted, resultOf(execution, '1-1'));
    expect(await small).toMatchObject({ callId: '1-1', content: 'fine' });
    await publisher.publishOnce(toolCallCompleted, resultOf(execution, '1-2', content));
    expect((await large).content === content).toBe(true);
    expect(journal.toolResults.size).toBe(2);
    journal.close();
  });

  it('believes what is stored, not what was refused', async () => {
    const execution = newExecution();
    const { messaging } = fixture;
    await new MessagePublisher(messaging).publishOnce(toolCallCompleted, resultOf(execution, '1-1', 'first'));
    const journal = await new JournalStore(messaging).open(execution.sessionId, execution.executionId);
    await new MessagePublisher(messaging).publishOnce(toolCallCompleted, resultOf(execution, '1-1', 'second'));
    const result = await journal.waitForToolResult('1-1', AbortSignal.timeout(5_000));
    expect(result.content).toBe('first');
    journal.close();
  });

  it('keeps a result that came before anybody waited for it', async () => {
    neverLook();
    const execution = newExecution();
    const { messaging } = fixture;
    const journal = await new JournalStore(messaging).open(execution.sessionId, execution.executionId);
    await new MessagePublisher(messaging).publishOnce(toolCallCompleted, resultOf(execution, '1-1'));
    await messaging.connection.flush();
    expect(await journal.waitForToolResult('1-1', AbortSignal.timeout(30_000))).toMatchObject({ content: 'fine' });
    journal.close();
  });

  it('finds a result whose notice was lost', async () => {
    const execution = newExecution();
    const { messaging } = fixture;
    const journal = await new JournalStore(messaging).open(execution.sessionId, execution.executionId);
    const waiting = journal.waitForToolResult('1-1', AbortSignal.timeout(30_000));
    const { notice: _notice, ...untold } = toolCallCompleted;
    await new MessagePublisher(messaging).publishOnce(untold, resultOf(execution, '1-1'));
    expect(await waiting).toMatchObject({ content: 'fine' });
    journal.close();
  });

  it('tells of a result only when it is stored', async () => {
    const execution = newExecution();
    const { messaging } = fixture;
    const heard: string[] = [];
    const subject = subjects.toolResultNotices(execution.sessionId, execution.executionId);
    messaging.connection.subscribe(messaging.names.qualify(subject), {
      callback: (_error, message) => void heard.push(message.json<ToolCallCompleted>().content),
    });
    const publisher = new MessagePublisher(messaging);
    expect(await publisher.publishOnce(toolCallCompleted, resultOf(execution, '1-1', 'first'))).toBe(true);
    expect(await publisher.publishOnce(toolCallCompleted, resultOf(execution, '1-1', 'second'))).toBe(false);
    await messaging.connection.flush();
    expect(heard).toEqual(['first']);
  });

  it('ends when its signal aborts or the journal closes', async () => {
    const execution = newExecution();
    const journal = await new JournalStore(fixture.messaging).open(execution.sessionId, execution.executionId);
    const abort = new AbortController();
    const waiting = journal.waitForToolResult('1-1', abort.signal);
    abort.abort(new Error('no longer needed'));
    await expect(waiting).rejects.toThrow('no longer needed');
    const other = journal.waitForToolResult('1-2', new AbortController().signal);
    journal.close();
    await expect(other).rejects.toThrow('was closed');
  });

  it('tells of stored mailbox messages first and of new ones once', async () => {
    const execution = newExecution();
    const { messaging } = fixture;
    const journal = await new JournalStore(messaging).open(execution.sessionId, execution.executionId);
    const seen: string[] = [];
    journal.onMailbox((message) => seen.push(message.type === 'cancel' ? message.reason : message.type));
    const cancel = {
      type: 'cancel',
      ...execution,
      status: 'cancelled',
      reason: 'enough',
      at: new Date().toISOString(),
    } as const;
    const publisher = new MessagePublisher(messaging);
    await publisher.publish(executionMailbox, cancel);
    await publisher.publish(executionMailbox, cancel);
    await publisher.publish(executionMailbox, { type: 'guidance', ...execution, guidanceId: randomUUID(), content: 'Look at the logs.', from: 'person', author: 'ann', at: cancel.at }); // prettier-ignore
    await eventually(() => seen.length > 1);
    expect(seen).toEqual(['enough', 'guidance']);
    const late: string[] = [];
    journal.onMailbox((message) => late.push(message.type === 'cancel' ? message.reason : message.type));
    expect(late).toEqual(['enough', 'guidance']);
    journal.close();
  });
});
