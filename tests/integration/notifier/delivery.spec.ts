import { DeadLetters } from '@tarsy/messaging';
import type { RunningService } from '@tarsy/service';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CHANNEL, eventually, useNotifiers } from './fixture.js';

const fixture = useNotifiers();
const isPost = ({ method }: { method: string }): boolean => method === 'chat.postMessage';
const postsOf = (sessionId: string): { at: number }[] =>
  fixture.slack
    .callsOf('chat.postMessage')
    .filter(({ arguments: given }) => JSON.stringify(given['metadata']).includes(sessionId));
const healthOf = async ({ port }: RunningService): Promise<{ status: string; checks: Record<string, unknown> }> =>
  (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as never;
/** Resolves when the notifier has nothing left to do. */
const idle = (): Promise<unknown> =>
  eventually(async () => {
    const sessions = (await fixture.queues()).find(({ name }) => name === 'SESSIONS');
    const consumer = sessions?.consumers.find(({ name }) => name === 'notifier');
    return consumer?.pending === 0 && consumer.ackPending === 0;
  }, 30_000);

describe('a message', () => {
  it('is posted once after an outage of several attempts, whatever the outage looks like', async () => {
    const service = await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession();
    let attempts = 0;
    fixture.slack.trouble((call) => {
      if (!isPost(call) || ++attempts > 2) return undefined;
      return attempts === 1 ? { kind: 'status', status: 503 } : { kind: 'error', error: 'internal_error' };
    });
    await session.end({ finalAnalysis: 'done' });
    await eventually(async () => (await healthOf(service)).status === 'degraded');
    await eventually(() => fixture.messagesOf(session).length > 0, 40_000);
    await idle();
    expect(postsOf(session.id)).toHaveLength(3);
    expect(fixture.messagesOf(session)).toHaveLength(1);
    expect((await healthOf(service)).status).toBe('healthy');
  });

  it('waits as long as Slack asks', async () => {
    await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession();
    let attempts = 0;
    fixture.slack.trouble((call) =>
      isPost(call) && ++attempts === 1 ? { kind: 'rate-limited', retryAfterSeconds: 3 } : undefined,
    );
    await session.end({ finalAnalysis: 'done' });
    await eventually(() => fixture.messagesOf(session).length > 0);
    await idle();
    const [refused, taken, ...more] = postsOf(session.id);
    expect(taken!.at - refused!.at).toBeGreaterThanOrEqual(2_900);
    expect(more).toEqual([]);
  });

  it.each(['open', 'closed'] as const)(
    'is found in Slack and not posted again when its answer was lost and the process with it (%s connection)',
    async (connection) => {
      const first = await fixture.startNotifier('notifier-1');
      const alert = fixture.slack.add({ channel: CHANNEL, text: `alert ${randomUUID()}` });
      const session = await fixture.createSession(alert.text);
      fixture.slack.trouble((call) => (isPost(call) ? { kind: 'answer-lost', connection } : undefined));
      await session.start();
      await eventually(() => fixture.messagesOf(session).length > 0);
      await first.stop();
      fixture.slack.trouble(() => undefined);
      await fixture.startNotifier('notifier-2');
      await idle();
      expect(postsOf(session.id)).toHaveLength(1);
      await session.end({ finalAnalysis: 'done' });
      await eventually(() => fixture.messagesOf(session).length === 2);
      expect(fixture.messagesOf(session).map(({ thread_ts }) => thread_ts)).toEqual([alert.ts, alert.ts]);
    },
  );

  it('is posted after all when Slack shows that the lost one never came', async () => {
    await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession();
    let attempts = 0;
    fixture.slack.trouble((call) => (isPost(call) && ++attempts === 1 ? { kind: 'status', status: 504 } : undefined));
    await session.end({ finalAnalysis: 'done' });
    await eventually(() => fixture.messagesOf(session).length > 0);
    await idle();
    expect(fixture.messagesOf(session)).toHaveLength(1);
  });

  it('that a session has started is left out once its end was posted', async () => {
    await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession(`late-${randomUUID()}`);
    fixture.slack.trouble((call) =>
      isPost(call) && call.arguments['text'] === 'Processing started' ? { kind: 'status', status: 500 } : undefined,
    );
    await session.start();
    await session.end({ finalAnalysis: 'done' });
    await eventually(() => fixture.messagesOf(session).length > 0);
    fixture.slack.trouble(() => undefined);
    await idle();
    expect(fixture.messagesOf(session).map(({ text }) => text)).toEqual([':white_check_mark: Analysis Complete']);
  });

  it('is not repeated when its event is delivered again', async () => {
    const first = await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession();
    await session.end({ finalAnalysis: 'done' });
    await eventually(() => fixture.messagesOf(session).length > 0);
    await idle();
    await first.stop();
    // A consumer that was lost begins at the start of the stream.
    await fixture.messaging.manager.consumers.delete(fixture.messaging.names.stream('SESSIONS'), 'notifier');
    await fixture.startNotifier('notifier-2');
    await idle();
    expect(postsOf(session.id)).toHaveLength(1);
  });

  it('is posted by one of several replicas', async () => {
    await Promise.all([fixture.startNotifier('notifier-1'), fixture.startNotifier('notifier-2')]);
    const sessions = await Promise.all(
      Array.from({ length: 20 }, () => fixture.createSession(`storm-${randomUUID()}`)),
    );
    await Promise.all(sessions.map((session) => session.start()));
    await Promise.all(sessions.map((session) => session.end({ finalAnalysis: 'done' })));
    await eventually(() => sessions.every((session) => fixture.messagesOf(session).length >= 2));
    await idle();
    for (const session of sessions) {
      const [start, end, ...more] = fixture.messagesOf(session);
      expect([start?.text, end?.thread_ts, more]).toEqual(['Processing started', start?.ts, []]);
    }
  });
});

describe('a refusal', () => {
  it.each([
    ['a bad token', { token: 'xoxb-wrong' }, 'invalid_auth'],
    ['an unknown channel', { channel: 'C999' }, 'channel_not_found'],
  ])('for %s ends in the dead letters and concerns nothing else', async (_, settings, reason) => {
    const service = await fixture.startNotifier('notifier-1', settings);
    const session = await fixture.createSession();
    await session.end({ finalAnalysis: 'done' });
    const letter = await eventually(async () =>
      (await new DeadLetters(fixture.messaging).list({ limit: 20 })).find(({ body }) => body.includes(session.id)),
    );
    expect(letter).toMatchObject({
      stream: 'SESSIONS',
      consumer: 'notifier',
      attempts: 2,
      errorCode: 'NOTIFICATION_GIVEN_UP',
      errorMessage: `Slack refused: ${reason}`,
    });
    expect(await healthOf(service)).toMatchObject({
      status: 'degraded',
      checks: { slack: { message: `Slack refused: ${reason}` } },
    });
    expect(JSON.stringify([letter, await healthOf(service)])).not.toContain('xoxb');
    const metrics = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
    expect(metrics).toContain('tarsy_slack_messages_total{kind="end",outcome="refused"} 2');
    expect(metrics).toContain('tarsy_slack_messages_total{kind="end",outcome="given_up"} 1');
  });
});
