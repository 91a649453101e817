import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@tarsy/core';
import { SLACK_SETTINGS, type SlackSettings } from '../notifier.config.js';
import { SlackRateLimitedError } from './slack.errors.js';
import { slackClient, slackErrorOf, type CallOptions } from './slack-calls.js';
import type { SlackContent } from './slack-layout.js';
import { normalised, wasPostedFor, whoseTextHolds, type FoundMessage } from './slack-search.js';

/** Marks our messages in Slack, so that one whose answer was lost can be found. */
const METADATA_EVENT_TYPE = 'tarsy_session_notification';

const SEARCH_LIMIT_MS = 5_000;
const SEARCH_WINDOW_MS = 24 * 3_600_000;
const PAGE_SIZE = 200;
const THREAD_SEARCH_PAGES = 5;
/** Enough for 4 000 messages since the post; a channel busier than that in a minute has other troubles. */
const POSTED_SEARCH_PAGES = 20;
/** How far Slack's clock and ours may be apart. */
const CLOCK_SKEW_MS = 5 * 60_000;

type Page = { messages?: FoundMessage[]; response_metadata?: { next_cursor?: string } };

export interface SlackPost {
  readonly content: SlackContent;
  readonly threadTs: string | undefined;
  readonly notificationId: string;
  readonly sessionId: string;
}

/** One Slack channel: what it holds, and sending to it. Every failure is one of `slack.errors.ts`. */
@Injectable()
export class SlackChannel {
  /** Slack's own pause after a 429 concerns every call of this process. */
  #pausedUntilMs = 0;

  constructor(
    private readonly clock: Clock,
    @Inject(SLACK_SETTINGS) private readonly settings: SlackSettings,
  ) {}

  get id(): string {
    return this.settings.channel;
  }

  /** @returns Slack's id of the message */
  async post({ content, threadTs, notificationId, sessionId }: SlackPost, options: CallOptions): Promise<string> {
    const { ts } = await this.#call(options, (client) =>
      client.chat.postMessage({
        channel: this.id,
        text: content.text,
        blocks: content.blocks,
        unfurl_links: false,
        unfurl_media: false,
        metadata: {
          event_type: METADATA_EVENT_TYPE,
          event_payload: { notification_id: notificationId, session_id: sessionId },
        },
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      }),
    );
    return ts ?? '';
  }

  /** The thread of a message of the last 24 hours that holds the fingerprint, whatever its case and white space. */
  async findThread(fingerprint: string, signal: AbortSignal): Promise<string | undefined> {
    const wanted = normalised(fingerprint);
    if (wanted === '') return undefined;
    const oldestMs = this.clock.nowMs() - SEARCH_WINDOW_MS;
    const found = await this.#find(whoseTextHolds(wanted), { oldestMs, pages: THREAD_SEARCH_PAGES, signal });
    return found?.thread_ts ?? found?.ts;
  }

  /** The id of the message that was posted for a notification at or after `sinceMs`, if it is there. */
  async findPosted(
    notificationId: string,
    { sinceMs, threadTs, signal }: { sinceMs: number; threadTs: string | undefined; signal: AbortSignal },
  ): Promise<string | undefined> {
    const oldestMs = sinceMs - CLOCK_SKEW_MS;
    const where = { oldestMs, pages: POSTED_SEARCH_PAGES, signal, ...(threadTs === undefined ? {} : { threadTs }) };
    return (await this.#find(wasPostedFor(notificationId), where))?.ts;
  }

  /** Asks Slack whether the token is good. */
  async checkToken(signal: AbortSignal): Promise<void> {
    await this.#call({ limitMs: SEARCH_LIMIT_MS, signal }, (client) => client.auth.test());
  }

  async #find(
    fits: (message: FoundMessage) => boolean,
    where: { oldestMs: number; pages: number; threadTs?: string; signal: AbortSignal },
  ): Promise<FoundMessage | undefined> {
    let cursor: string | undefined;
    for (let page = 0; page < where.pages; page++) {
      const { messages = [], response_metadata } = await this.#page(where, cursor);
      const found = messages.find(fits);
      if (found !== undefined) return found;
      cursor = response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return undefined;
    }
    return undefined;
  }

  async #page(
    { oldestMs, threadTs, signal }: { oldestMs: number; threadTs?: string; signal: AbortSignal },
    cursor: string | undefined,
  ): Promise<Page> {
    const request = {
      channel: this.id,
      limit: PAGE_SIZE,
      oldest: (oldestMs / 1_000).toFixed(6),
      include_all_metadata: true,
      ...(cursor === undefined ? {} : { cursor }),
    };
    return (await this.#call({ limitMs: SEARCH_LIMIT_MS, signal }, (client) =>
      threadTs === undefined
        ? client.conversations.history(request)
        : client.conversations.replies({ ...request, ts: threadTs }),
    )) as Page;
  }

  async #call<Result>(
    options: CallOptions,
    call: (client: ReturnType<typeof slackClient>) => Promise<Result>,
  ): Promise<Result> {
    const pauseMs = this.#pausedUntilMs - this.clock.nowMs();
    if (pauseMs > 0) throw new SlackRateLimitedError('Slack asked to slow down', { retryAfterMs: pauseMs });
    try {
      return await call(slackClient(this.settings.token, this.settings.apiUrl, options));
    } catch (error) {
      const known = slackErrorOf(error);
      if (known instanceof SlackRateLimitedError) this.#pausedUntilMs = this.clock.nowMs() + (known.retryAfterMs ?? 0);
      throw known;
    }
  }
}
