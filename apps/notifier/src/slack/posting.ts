import { Inject, Injectable } from '@nestjs/common';
import { slackMessages, type SlackMessageRecord } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import { Buckets, type KeyValueBucket } from '@tarsy/messaging';
import { SLACK_SETTINGS, type SlackSettings } from '../notifier.config.js';
import { SlackChannel, type SlackPost } from './slack-channel.js';
import { NotYetError, SendingTooLateError, SlackRateLimitedError, SlackRefusedError } from './slack.errors.js';

/** Less than the ack wait: whoever is slower than this may no longer be the only one at the message. */
const SEND_WITHIN_MS = 20_000;
const THREAD_GONE = new Set([
  'cannot_reply_to_message',
  'message_not_found',
  'restricted_action_thread_locked',
  'thread_not_found',
]);

export interface PostingOptions {
  /** What was recorded when the decision to post was made. */
  readonly known: SlackMessageRecord | undefined;
  /** Longest wait for Slack's answer, in milliseconds. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Posts a message once. Slack takes no idempotency key, so a marker is stored before each post and the outcome after it. A marker
 * without an outcome means that the answer was lost: Slack itself is then asked whether the message is there.
 */
@Injectable()
export class Posting {
  readonly #records: KeyValueBucket<SlackMessageRecord>;

  constructor(
    private readonly channel: SlackChannel,
    private readonly clock: Clock,
    buckets: Buckets,
    @Inject(SLACK_SETTINGS) private readonly settings: SlackSettings,
  ) {
    this.#records = buckets.open(slackMessages);
  }

  async recordOf(notificationId: string): Promise<SlackMessageRecord | undefined> {
    return await this.#records.get(notificationId);
  }

  /**
   * Settles a post whose outcome is not known.
   * @returns whether it is in Slack; then it is recorded as posted
   * @throws {NotYetError} it may still be on its way
   */
  async wasPosted(notificationId: string, marker: SlackMessageRecord, signal: AbortSignal): Promise<boolean> {
    if (marker.channel !== this.channel.id) return false;
    const markedAtMs = Date.parse(marker.at);
    const waitMs = markedAtMs + this.settings.retry.settleMs - this.clock.nowMs();
    if (waitMs > 0) throw new NotYetError('an earlier post may still be on its way', { retryAfterMs: waitMs });
    const messageTs = await this.#find(notificationId, marker, markedAtMs, signal);
    if (messageTs === undefined) return false;
    await this.#records.put(notificationId, { ...marker, state: 'posted', messageTs });
    return true;
  }

  /**
   * Posts to the thread, or to the channel where that thread is gone.
   * @returns what is recorded now
   * @throws {SendingTooLateError} another process has taken the message over, or may have; nothing was sent
   */
  async post(message: SlackPost, options: PostingOptions): Promise<SlackMessageRecord> {
    try {
      return await this.#post(message, options);
    } catch (error) {
      const isThreadGone =
        message.threadTs !== undefined && error instanceof SlackRefusedError && THREAD_GONE.has(error.reason);
      if (!isThreadGone) throw error;
      return await this.#post({ ...message, threadTs: undefined }, { ...options, known: undefined });
    }
  }

  async #post(message: SlackPost, { known, limitMs, signal }: PostingOptions): Promise<SlackMessageRecord> {
    const { notificationId, threadTs } = message;
    const isAlone = this.#aloneSinceNow(notificationId);
    if ((await this.#records.get(notificationId))?.at !== known?.at) throw tooLate(notificationId);
    isAlone();
    const marker: SlackMessageRecord = {
      state: 'posting',
      channel: this.channel.id,
      ...(threadTs === undefined ? {} : { threadTs }),
      at: this.clock.nowIso(),
    };
    await this.#records.put(notificationId, marker);
    try {
      const messageTs = await this.channel.post(message, { limitMs, signal, beforeSending: isAlone });
      const record: SlackMessageRecord = { ...marker, state: 'posted', messageTs };
      await this.#records.put(notificationId, record);
      return record;
    } catch (error) {
      // Slack did nothing for certain, so the next attempt need not look for it.
      if (error instanceof SlackRefusedError || error instanceof SlackRateLimitedError)
        await this.#records.delete(notificationId);
      throw error;
    }
  }

  /** A check that throws once so much time has passed that the message may have been delivered to somebody else. */
  #aloneSinceNow(notificationId: string): () => void {
    const sinceMs = this.clock.nowMs();
    return () => {
      if (this.clock.nowMs() - sinceMs > SEND_WITHIN_MS) throw tooLate(notificationId);
    };
  }

  async #find(
    notificationId: string,
    { threadTs }: SlackMessageRecord,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      return await this.channel.findPosted(notificationId, { sinceMs, threadTs, signal });
    } catch (error) {
      if (error instanceof SlackRefusedError && THREAD_GONE.has(error.reason)) return undefined;
      throw error;
    }
  }
}

const tooLate = (notificationId: string): SendingTooLateError =>
  new SendingTooLateError(`${notificationId} may be with another process by now`);
