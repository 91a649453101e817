import { cancelSession, expireSession, taskScheduled, toolCallCompleted } from '@tarsy/contracts';
import { ConsumerHost, MessagePublisher, MessageRefusedError, SessionLog } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually, taskOf, useMessaging } from './fixture.js';

const fixture = useMessaging();

const toolResult = (changes: object = {}) =>
  ({
    sessionId: randomUUID(),
    stageId: randomUUID(),
    executionId: randomUUID(),
    callId: '1-1',
    server: 'host',
    tool: 'disk_usage',
    outcome: 'ok' as const,
    isError: false,
    content: 'fine',
    durationMs: 1,
    completedAt: new Date().toISOString(),
    ...changes,
  }) as const;

describe(MessagePublisher.name, () => {
  it('stores a message once when it is published twice', async () => {
    const publisher = new MessagePublisher(fixture.messaging);
    const task = taskOf('twice');
    const first = await publisher.publish(taskScheduled, task);
    const second = await publisher.publish(taskScheduled, task);
    expect(first.duplicate).toBe(false);
    expect(second).toEqual({ sequence: first.sequence, duplicate: true });
  });

  it('refuses a payload that does not fit before anything is sent', async () => {
    const publisher = new MessagePublisher(fixture.messaging);
    await expect(publisher.publish(taskScheduled, { ...taskOf('p'), sessionId: 'none' })).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining('sessionId') as string,
    });
  });

  it('keeps the first of several results of one tool call', async () => {
    const publisher = new MessagePublisher(fixture.messaging);
    const other = new MessagePublisher(await fixture.another());
    const result = toolResult();
    expect(await publisher.publishOnce(toolCallCompleted, result)).toBe(true);
    expect(await other.publishOnce(toolCallCompleted, { ...result, content: 'late' })).toBe(false);
    expect(await publisher.publishOnce(toolCallCompleted, result)).toBe(false);
  });

  it('delivers a delayed message to its subject at its time, and the last schedule of an id wins', async () => {
    const publisher = new MessagePublisher(fixture.messaging);
    const got: { sessionId: string; at: number }[] = [];
    const consumer = await new ConsumerHost(fixture.messaging).consume(
      expireSession,
      { durable: 'expiries' },
      (command) => Promise.resolve(void got.push({ sessionId: command.sessionId, at: Date.now() })),
    );
    const [replaced, delayed, overdue, last] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const at = new Date(Date.now() + 700);
    const deadlineAt = at.toISOString();
    await publisher.publishAt(expireSession, { sessionId: replaced, deadlineAt }, at, 'timer-1');
    await publisher.publishAt(expireSession, { sessionId: delayed, deadlineAt }, at, 'timer-1');
    await publisher.publishAt(
      expireSession,
      { sessionId: overdue, deadlineAt },
      new Date(Date.now() - 5_000),
      'timer-2',
    );
    // Due after the others, which are delivered before it.
    await publisher.publishAt(expireSession, { sessionId: last, deadlineAt }, new Date(at.getTime() + 1_000), 'timer-3'); // prettier-ignore
    await eventually(() => got.some(({ sessionId }) => sessionId === last));
    expect(got.map(({ sessionId }) => sessionId).sort()).toEqual([delayed, overdue, last].sort());
    expect(got.find(({ sessionId }) => sessionId === delayed)!.at).toBeGreaterThanOrEqual(at.getTime() - 5);
    await consumer.stop();
  });

  it('refuses to delay a message of a stream without schedules', async () => {
    const publisher = new MessagePublisher(fixture.messaging);
    await expect(publisher.publishAt(toolCallCompleted, toolResult(), new Date(), 'x')).rejects.toBeInstanceOf(
      MessageRefusedError,
    );
  });

  it('carries a body of 5 MB by reference, to consumers and to readers of the session log', async () => {
    const publisher = new MessagePublisher(fixture.messaging);
    const content = 'ä'.repeat(2_500_000);
    const result = toolResult({ content });
    await publisher.publishOnce(toolCallCompleted, result);
    for await (const message of new SessionLog(fixture.messaging).follow(
      result.sessionId,
      0,
      new AbortController().signal,
    )) {
      expect(message).toMatchObject({ kind: 'tool-result', result: { callId: '1-1' } });
      if (message.kind === 'tool-result') expect(message.result.content === content).toBe(true);
      break;
    }
    const task = taskOf('large', { runbook: content });
    let runbook: string | undefined;
    const consumer = await new ConsumerHost(fixture.messaging).consume(
      taskScheduled,
      { durable: 'large', filterSubjects: ['tarsy.tasks.large.*'] },
      (got) => Promise.resolve(void (runbook = got.runbook)),
    );
    await publisher.publish(taskScheduled, task);
    await eventually(() => runbook);
    expect(runbook === content).toBe(true);
    await consumer.stop();
  });
});

describe('request and answer', () => {
  it('gives the answer to a command, and undefined when none comes in time', async () => {
    const { messaging } = fixture;
    const publisher = new MessagePublisher(messaging);
    const answering = await fixture.another();
    const consumer = await new ConsumerHost(answering).consume(cancelSession, { durable: 'cancels' }, (command) => {
      answering.reply(command.replyTo!, { kind: 'accepted' });
      return Promise.resolve();
    });
    const { commandReplySchema } = await import('@tarsy/contracts');
    const replyTo = messaging.newReplySubject();
    await publisher.publish(cancelSession, {
      commandId: randomUUID(),
      sessionId: randomUUID(),
      requestedBy: 'sre',
      requestedAt: new Date().toISOString(),
      replyTo,
    });
    expect(await messaging.awaitReply(replyTo, commandReplySchema, 5_000)).toEqual({ kind: 'accepted' });
    expect(await messaging.awaitReply(messaging.newReplySubject(), commandReplySchema, 50)).toBeUndefined();
    await consumer.stop();
  });
});
