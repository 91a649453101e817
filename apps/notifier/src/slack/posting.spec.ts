import type { SlackMessageRecord } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import type { Buckets } from '@tarsy/messaging';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SlackSettings } from '../notifier.config.js';
import { Posting } from './posting.js';
import type { SlackChannel } from './slack-channel.js';
import { SendingTooLateError, SlackRefusedError, SlackUnavailableError } from './slack.errors.js';

class FakeClock extends Clock {
  timeMs = Date.parse('2026-01-01T00:00:00.000Z');

  override nowMs(): number {
    return this.timeMs;
  }
}

const options = { known: undefined, limitMs: 5_000, signal: new AbortController().signal };
const { signal } = options;
const message = { content: { text: 'hello', blocks: [] }, threadTs: undefined, notificationId: 'one.end', sessionId: 'one' }; // prettier-ignore
let clock: FakeClock;
let records: Map<string, SlackMessageRecord>;
let send: SlackChannel['post'];
let found: string | undefined;
let posting: Posting;

beforeEach(() => {
  clock = new FakeClock();
  records = new Map();
  send = () => Promise.resolve('1.1');
  found = undefined;
  const bucket = {
    get: (key: string) => Promise.resolve(records.get(key)),
    put: (key: string, value: SlackMessageRecord) => Promise.resolve(void records.set(key, value)),
    delete: (key: string) => Promise.resolve(void records.delete(key)),
  };
  const channel = {
    id: 'C1',
    post: (...given: Parameters<SlackChannel['post']>) => send(...given),
    findPosted: () => Promise.resolve(found),
  };
  posting = new Posting(
    channel as unknown as SlackChannel,
    clock,
    { open: () => bucket } as unknown as Buckets,
    { retry: { settleMs: 15_000 } } as SlackSettings,
  );
});

describe(Posting.name, () => {
  it('marks a message before it is sent and records it after', async () => {
    let duringPost: SlackMessageRecord | undefined;
    send = () => {
      duringPost = records.get('one.end');
      return Promise.resolve('1.1');
    };
    await posting.post({ ...message, threadTs: '1.0' }, options);
    expect(duringPost).toMatchObject({ state: 'posting', channel: 'C1', threadTs: '1.0' });
    expect(records.get('one.end')).toMatchObject({ state: 'posted', threadTs: '1.0', messageTs: '1.1' });
  });

  it('keeps the mark when the answer is lost and removes it when Slack refused', async () => {
    send = () => Promise.reject(new SlackUnavailableError('timeout'));
    await expect(posting.post(message, options)).rejects.toThrow('timeout');
    expect(records.get('one.end')).toMatchObject({ state: 'posting' });
    send = () => Promise.reject(new SlackRefusedError('is_archived'));
    const known = records.get('one.end');
    await expect(posting.post(message, { ...options, known })).rejects.toThrow('is_archived');
    expect(records.size).toBe(0);
  });

  it('does not send after it was held up for so long that another process may have sent', async () => {
    send = (_, { beforeSending }) => {
      clock.timeMs += 30_000;
      records.set('one.end', { state: 'posted', channel: 'C1', messageTs: '9.9', at: clock.nowIso() });
      beforeSending?.();
      return Promise.resolve('1.1');
    };
    await expect(posting.post(message, options)).rejects.toBeInstanceOf(SendingTooLateError);
    expect(records.get('one.end')).toMatchObject({ state: 'posted', messageTs: '9.9' });
  });

  it('does not send what another process has taken over since the decision', async () => {
    records.set('one.end', { state: 'posted', channel: 'C1', messageTs: '9.9', at: clock.nowIso() });
    await expect(posting.post(message, options)).rejects.toBeInstanceOf(SendingTooLateError);
    expect(records.get('one.end')).toMatchObject({ messageTs: '9.9' });
  });

  it('looks for a marked message only when it must have arrived, and records what it finds', async () => {
    const marker: SlackMessageRecord = { state: 'posting', channel: 'C1', at: clock.nowIso() };
    clock.timeMs += 5_000;
    await expect(posting.wasPosted('one.end', marker, signal)).rejects.toMatchObject({ retryAfterMs: 10_000 });
    clock.timeMs += 10_000;
    expect(await posting.wasPosted('one.end', marker, signal)).toBe(false);
    found = '1.1';
    expect(await posting.wasPosted('one.end', marker, signal)).toBe(true);
    expect(records.get('one.end')).toMatchObject({ state: 'posted', messageTs: '1.1' });
  });
});
