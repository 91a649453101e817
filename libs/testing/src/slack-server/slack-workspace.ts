import type { SlackArguments } from './request-body.js';

export interface SlackMessage {
  readonly ts: string;
  readonly channel: string;
  readonly text: string;
  /** Absent for a message of the channel itself. */
  readonly thread_ts?: string;
  readonly blocks?: readonly Record<string, unknown>[];
  readonly attachments?: readonly Record<string, unknown>[];
  readonly metadata?: { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> };
}

export type SlackAnswer = { ok: true; [key: string]: unknown } | { ok: false; error: string };

const refused = (error: string): SlackAnswer => ({ ok: false, error });

/** Channels and their messages, and the methods of the Web API over them. */
export class SlackWorkspace {
  readonly messages: SlackMessage[] = [];
  /** A channel that is not listed does not exist. */
  readonly channels: Set<string>;
  /** The last time stamp given away, in microseconds. */
  #lastMicroseconds = 0;

  constructor(channels: readonly string[]) {
    this.channels = new Set(channels);
  }

  call(method: string, given: SlackArguments): SlackAnswer {
    if (method === 'auth.test') return { ok: true, team: 'Test', user: 'tarsy', bot_id: 'B1' };
    if (!this.channels.has(textOf(given['channel']))) return refused('channel_not_found');
    switch (method) {
      case 'chat.postMessage':
        return this.#post(given);
      case 'conversations.history':
        return this.#page(this.#newestFirst(given), given);
      case 'conversations.replies':
        return this.#replies(given);
      default:
        return refused('unknown_method');
    }
  }

  /** Puts a message there as somebody else would. @param at Default now. */
  add(message: Omit<SlackMessage, 'ts'>, at = new Date()): SlackMessage {
    const microseconds = Math.max(
      at.getTime() * 1_000,
      at.getTime() > Date.now() - 1_000 ? this.#lastMicroseconds + 1 : 0,
    );
    this.#lastMicroseconds = Math.max(this.#lastMicroseconds, microseconds);
    const added = {
      ...message,
      ts: `${Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, '0')}`,
    };
    this.messages.push(added);
    return added;
  }

  #post(given: SlackArguments): SlackAnswer {
    const { text, blocks, attachments, metadata, thread_ts } = given as Partial<SlackMessage>;
    if (!text && !blocks) return refused('no_text');
    if (blocks?.some(isTooLong)) return refused('invalid_blocks');
    const channel = textOf(given['channel']);
    if (thread_ts !== undefined && !this.#root(channel, thread_ts)) return refused('thread_not_found');
    const message = this.add({
      channel,
      text: text ?? '',
      ...(blocks ? { blocks } : {}),
      ...(attachments ? { attachments } : {}),
      ...(metadata ? { metadata } : {}),
      ...(thread_ts ? { thread_ts } : {}),
    });
    return { ok: true, channel, ts: message.ts, message };
  }

  #replies(given: SlackArguments): SlackAnswer {
    const channel = textOf(given['channel']);
    const root = this.#root(channel, textOf(given['ts']));
    if (!root) return refused('thread_not_found');
    const replies = this.messages.filter((message) => message.channel === channel && message.thread_ts === root.ts);
    return this.#page([root, ...within(replies, given)], given);
  }

  #newestFirst(given: SlackArguments): SlackMessage[] {
    const ofChannel = this.messages.filter(({ channel, thread_ts }) => channel === given['channel'] && !thread_ts);
    return within(ofChannel, given).sort((one, other) => Number(other.ts) - Number(one.ts));
  }

  #page(found: SlackMessage[], given: SlackArguments): SlackAnswer {
    const start = Number(textOf(given['cursor']).replace('after-', '') || 0);
    const end = start + Number(given['limit'] ?? 100);
    const hasMore = end < found.length;
    const showsMetadata = String(given['include_all_metadata']) === 'true';
    const messages = found.slice(start, end).map(({ metadata, ...rest }) => ({
      type: 'message',
      ...rest,
      ...(showsMetadata && metadata ? { metadata } : {}),
    }));
    return { ok: true, messages, has_more: hasMore, response_metadata: { next_cursor: hasMore ? `after-${end}` : '' } };
  }

  #root(channel: string, ts: string): SlackMessage | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts && !message.thread_ts);
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const within = (messages: SlackMessage[], { oldest }: SlackArguments): SlackMessage[] =>
  messages.filter(({ ts }) => Number(ts) > Number(oldest ?? 0));

/** Slack's limit for the text of one section. */
function isTooLong(block: Record<string, unknown>): boolean {
  const text = block['text'] as { text?: string } | undefined;
  return (text?.text?.length ?? 0) > 3_000;
}
