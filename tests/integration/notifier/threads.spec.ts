import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CHANNEL, eventually, useNotifiers } from './fixture.js';

const fixture = useNotifiers();
const buttonOf = (blocks: readonly Record<string, unknown>[] = []): unknown => {
  const actions = blocks.find(({ type }) => type === 'actions') as { elements: unknown[] } | undefined;
  return actions?.elements[0];
};

describe('messages of a session', () => {
  it('go to the thread whose message holds the fingerprint, in text or attachment', async () => {
    await fixture.startNotifier('notifier-1');
    const fingerprint = `Node ${randomUUID()}`;
    const old = fixture.slack.add({ channel: CHANNEL, text: fingerprint }, new Date(Date.now() - 25 * 3_600_000));
    const alert = fixture.slack.add({
      channel: CHANNEL,
      text: '',
      attachments: [{ fallback: `FIRING\n${fingerprint.toUpperCase().replace(' ', '  ')}` }],
    });
    const session = await fixture.createSession(fingerprint);
    await session.start();
    await eventually(() => fixture.messagesOf(session).length === 1);
    await session.end({ executiveSummary: 'The disk is **full**.', finalAnalysis: 'long' });
    const [start, end] = await eventually(() => {
      const messages = fixture.messagesOf(session);
      return messages.length === 2 ? messages : undefined;
    });
    expect([start?.thread_ts, end?.thread_ts]).toEqual([alert.ts, alert.ts]);
    expect(old.ts).not.toBe(alert.ts);
    expect(start?.text).toBe('Processing started');
    expect(JSON.stringify(start?.blocks)).toContain(`https://tarsy.example.com/sessions/${session.id}`);
    expect(end?.blocks?.[0]).toMatchObject({ text: { text: ':white_check_mark: *Analysis Complete*' } });
    expect(end?.blocks?.[1]).toMatchObject({ text: { text: 'The disk is *full*.' } });
    expect(buttonOf(end?.blocks)).toMatchObject({
      text: { text: 'View Full Analysis' },
      url: `https://tarsy.example.com/sessions/${session.id}`,
    });
  });

  it('begin a thread of their own where nobody told of the alert, and later sessions of the fingerprint join it', async () => {
    await fixture.startNotifier('notifier-1');
    const fingerprint = `unheard-of-${randomUUID()}`;
    const first = await fixture.createSession(fingerprint);
    await first.start();
    await eventually(() => fixture.messagesOf(first).length === 1);
    await first.end({ finalAnalysis: 'analysis' });
    const second = await fixture.createSession(fingerprint);
    await eventually(() => fixture.messagesOf(first).length === 2);
    await second.start();
    await second.end({ status: 'failed', errorMessage: 'no model' });
    await eventually(() => fixture.messagesOf(second).length === 2);
    const [root, ...others] = [...fixture.messagesOf(first), ...fixture.messagesOf(second)];
    expect(root?.thread_ts).toBeUndefined();
    expect(others.map(({ thread_ts }) => thread_ts)).toEqual([root?.ts, root?.ts, root?.ts]);
    expect(fixture.messagesOf(second).map(({ text }) => text)).toEqual(['Processing started', ':x: Analysis Failed']);
    expect(buttonOf(others.at(-1)?.blocks)).toMatchObject({ text: { text: 'View Details' } });
  });

  it('are the end alone, in the channel, for an alert without a fingerprint', async () => {
    await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession();
    await session.start();
    await session.end({ status: 'timed_out', errorMessage: 'took too long' });
    await eventually(() => fixture.messagesOf(session).length > 0);
    expect(fixture.messagesOf(session)).toHaveLength(1);
    expect(fixture.messagesOf(session)[0]).toMatchObject({ text: ':hourglass: Analysis Timed Out' });
    expect(fixture.messagesOf(session)[0]).not.toHaveProperty('thread_ts');
  });

  it('move to the channel when their thread is gone', async () => {
    await fixture.startNotifier('notifier-1');
    const fingerprint = `gone-${randomUUID()}`;
    const alert = fixture.slack.add({ channel: CHANNEL, text: fingerprint });
    fixture.slack.trouble(({ method, arguments: given }) =>
      method === 'chat.postMessage' && given['thread_ts'] === alert.ts
        ? { kind: 'error', error: 'restricted_action_thread_locked' }
        : undefined,
    );
    const session = await fixture.createSession(fingerprint);
    await session.start();
    await eventually(() => fixture.messagesOf(session).length === 1);
    expect(fixture.messagesOf(session)[0]).not.toHaveProperty('thread_ts');
  });

  it('go to the channel where Slack does not let us read it', async () => {
    await fixture.startNotifier('notifier-1');
    const fingerprint = `unreadable-${randomUUID()}`;
    fixture.slack.add({ channel: CHANNEL, text: fingerprint });
    fixture.slack.trouble(({ method }) =>
      method === 'conversations.history' ? { kind: 'error', error: 'missing_scope' } : undefined,
    );
    const session = await fixture.createSession(fingerprint);
    await session.start();
    await eventually(() => fixture.messagesOf(session).length === 1);
    expect(fixture.messagesOf(session)[0]).not.toHaveProperty('thread_ts');
  });

  it('are cut where they are too long for Slack', async () => {
    await fixture.startNotifier('notifier-1');
    const session = await fixture.createSession();
    await session.end({ finalAnalysis: '<word> '.repeat(1_000) });
    const [end] = await eventually(() => {
      const messages = fixture.messagesOf(session);
      return messages.length > 0 ? messages : undefined;
    });
    const { text } = (end?.blocks?.[1] ?? {}) as { text: { text: string } };
    expect(text.text).toMatch(/cut here/);
    expect(text.text.length).toBeLessThanOrEqual(3_000);
  });

  it('are none while Slack is not configured, also not later', async () => {
    const idle = await fixture.startIdleNotifier();
    const health = (await (await fetch(`http://127.0.0.1:${idle.port}/health`)).json()) as { status: string };
    expect(health.status).toBe('healthy');
    const before = await fixture.createSession();
    await before.end();
    await eventually(async () => {
      const stream = (await fixture.queues()).find(({ name }) => name === 'SESSIONS');
      const consumer = stream?.consumers.find(({ name }) => name === 'notifier');
      return consumer?.pending === 0 && consumer.ackPending === 0;
    });
    await idle.stop();
    await fixture.startNotifier('notifier-1');
    const after = await fixture.createSession();
    await after.end();
    await eventually(() => fixture.messagesOf(after).length === 1);
    expect(fixture.messagesOf(before)).toEqual([]);
  });
});
