import { STREAM_SETTINGS } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { QueueFullError } from './messaging.errors.js';
import type { Messaging } from './messaging.js';
import { Namespace } from './namespace.js';
import { isLimitedByPublisher } from './limited-by-publisher.js';
import { QueueLimit } from './queue-limit.js';

function limitOver(state: { messages: number; bytes: number }): { limit: QueueLimit; asked: string[] } {
  const asked: string[] = [];
  const info = (stream: string): Promise<unknown> => {
    asked.push(stream);
    return Promise.resolve({ state });
  };
  const messaging = {
    isConnected: () => true,
    names: new Namespace('other'),
    manager: { streams: { info } },
  } as unknown as Messaging;
  return { limit: new QueueLimit(messaging), asked };
}

describe(QueueLimit.name, () => {
  it('is for streams with delayed messages', () => {
    expect(isLimitedByPublisher('COMMANDS')).toBe(true);
    expect(isLimitedByPublisher('OUTCOMES')).toBe(false);
    expect(isLimitedByPublisher('SESSIONS')).toBe(false);
  });

  it('refuses when the stream holds its maximum of messages or of bytes', async () => {
    const { maxMessages, maxBytes } = STREAM_SETTINGS.COMMANDS;
    await expect(limitOver({ messages: maxMessages, bytes: 1 }).limit.assertRoom('COMMANDS')).rejects.toBeInstanceOf(
      QueueFullError,
    );
    await expect(limitOver({ messages: 1, bytes: maxBytes }).limit.assertRoom('COMMANDS')).rejects.toMatchObject({
      retryable: true,
    });
  });

  it('asks the server once for many messages, and never for streams that the server limits', async () => {
    const { limit, asked } = limitOver({ messages: 1, bytes: 1 });
    for (let count = 0; count < 5; count++) await limit.assertRoom('COMMANDS');
    await limit.assertRoom('OUTCOMES');
    expect(asked).toEqual(['OTHER_COMMANDS']);
  });
});
