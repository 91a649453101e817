import { SystemClock } from '@tarsy/core';
import type { ChunkReader, SessionLog, SessionLogContent, SessionLogMessage } from '@tarsy/messaging';
import { describe, expect, it } from 'vitest';
import { BEGINNING } from './cursor.js';
import { SessionFeed } from './session-feed.js';
import { chatStage, numbered, SESSION_ID, sessionStatus } from './session-log.fixture.js';

/** A log whose messages are stored before they are delivered. */
class SlowLog {
  readonly #stored: SessionLogMessage[] = [];
  #delivered = 0;
  #news = Promise.withResolvers<void>();

  store(...contents: readonly SessionLogContent[]): void {
    this.#stored.push(...numbered(contents, this.#stored.length + 1));
  }

  deliver(): void {
    this.#delivered = this.#stored.length;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  lastSequence(): Promise<number> {
    return Promise.resolve(this.#stored.length);
  }

  async *follow(_sessionId: string, _after: number, signal: AbortSignal): AsyncGenerator<SessionLogMessage> {
    signal.addEventListener('abort', () => this.#news.resolve());
    for (let seen = 0; !signal.aborted;) {
      while (seen < this.#delivered) yield this.#stored[seen++]!;
      await this.#news.promise;
    }
  }
}

function feedOf(log: SlowLog): SessionFeed {
  const chunks = { async *follow() {} } as unknown as ChunkReader;
  return new SessionFeed(SESSION_ID, { log: log as unknown as SessionLog, chunks, clock: new SystemClock() }, () => undefined); // prettier-ignore
}

describe(SessionFeed.name, () => {
  const never = new AbortController().signal;

  it('knows of a question that was asked just before a viewer of the ended session joins', async () => {
    const log = new SlowLog();
    log.store(sessionStatus(1, 'in_progress'), sessionStatus(2, 'completed'));
    const feed = feedOf(log);
    const first = feed.join(BEGINNING, never);
    log.deliver();
    expect((await first).isOver).toBe(true);

    log.store(chatStage(3, 'active'));
    const second = feed.join(BEGINNING, never);
    log.deliver();
    expect((await second).isOver).toBe(false);
    feed.close();
  });
});
