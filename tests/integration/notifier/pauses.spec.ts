import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CHANNEL, eventually, useNotifiers, type ToldSession } from './fixture.js';

const fixture = useNotifiers();
const told = (session: ToldSession, count: number): Promise<unknown> =>
  eventually(() => fixture.messagesOf(session).length === count);

describe('a session that pauses', () => {
  it('is told of in its thread, once for each pause, by one of several replicas', async () => {
    await Promise.all([fixture.startNotifier('notifier-1'), fixture.startNotifier('notifier-2')]);
    const fingerprint = `pausing-${randomUUID()}`;
    const alert = fixture.slack.add({ channel: CHANNEL, text: fingerprint });
    const session = await fixture.createSession(fingerprint);
    await session.start();
    await session.pause();
    await told(session, 2);
    // It was resumed, which is the same news as its start, and came to its limit once more.
    await session.start();
    await session.pause();
    await told(session, 3);
    await session.end({ finalAnalysis: 'done' });
    await told(session, 4);
    const messages = fixture.messagesOf(session);
    expect(messages.map(({ text }) => text)).toEqual([
      'Processing started',
      ':double_vertical_bar: Analysis Paused',
      ':double_vertical_bar: Analysis Paused',
      ':white_check_mark: Analysis Complete',
    ]);
    expect(new Set(messages.map(({ thread_ts }) => thread_ts))).toEqual(new Set([alert.ts]));
    expect(JSON.stringify(messages[1]?.blocks)).toContain(`https://tarsy.example.com/sessions/${session.id}`);
  });

  it('is told of in the channel where its alert came without a fingerprint', async () => {
    await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession();
    await session.start();
    await session.pause();
    await told(session, 1);
    expect(fixture.messagesOf(session)[0]).toMatchObject({ text: ':double_vertical_bar: Analysis Paused' });
    expect(fixture.messagesOf(session)[0]).not.toHaveProperty('thread_ts');
  });

  it('is told of once although the notifier that posted it was gone before it heard so', async () => {
    const first = await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession();
    fixture.slack.trouble(({ method }) =>
      method === 'chat.postMessage' ? { kind: 'answer-lost', connection: 'closed' } : undefined,
    );
    await session.pause();
    await told(session, 1);
    await first.stop();
    fixture.slack.trouble(() => undefined);
    await fixture.startNotifier('notifier-2');
    await session.end({ finalAnalysis: 'done' });
    await told(session, 2);
    await eventually(async () => {
      const sessions = (await fixture.queues()).find(({ name }) => name === 'SESSIONS');
      const consumer = sessions?.consumers.find(({ name }) => name === 'notifier');
      return consumer?.pending === 0 && consumer.ackPending === 0;
    }, 30_000);
    expect(fixture.messagesOf(session).map(({ text }) => text)).toEqual([
      ':double_vertical_bar: Analysis Paused',
      ':white_check_mark: Analysis Complete',
    ]);
  });
});
