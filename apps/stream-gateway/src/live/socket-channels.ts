import { Injectable } from '@nestjs/common';
import { isUuid } from '../http/session-id.pipe.js';
import type { Cursor } from './cursor.js';
import type { Viewing } from './session-feed.js';
import { SessionFeeds } from './session-feeds.js';
import { SessionsChannel } from './sessions-channel.js';

const ALL_SESSIONS = 'sessions';
const ONE_SESSION = 'session:';

/** The channels of the WebSocket: `sessions`, and `session:<id>`. */
@Injectable()
export class SocketChannels {
  constructor(
    private readonly feeds: SessionFeeds,
    private readonly sessions: SessionsChannel,
  ) {}

  exists(channel: string): boolean {
    return channel === ALL_SESSIONS || (channel.startsWith(ONE_SESSION) && isUuid(channel.slice(ONE_SESSION.length)));
  }

  /** Runs `view` with the events of an existing channel after `after`. */
  watch(channel: string, after: Cursor, signal: AbortSignal, view: (viewing: Viewing) => Promise<void>): Promise<void> {
    if (channel === ALL_SESSIONS) return this.sessions.watch(signal, view);
    const sessionId = channel.slice(ONE_SESSION.length).toLowerCase();
    return this.feeds.watch(sessionId, async (feed) => view(await feed.join(after, signal)));
  }
}
