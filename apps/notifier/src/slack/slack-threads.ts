import { Inject, Injectable } from '@nestjs/common';
import { slackThreads, type SlackMessageRecord, type SlackThread } from '@tarsy/contracts';
import { Clock, sha256 } from '@tarsy/core';
import { Buckets, type KeyValueBucket } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { SlackChannel } from './slack-channel.js';
import { normalised } from './slack-search.js';
import { SlackRefusedError } from './slack.errors.js';

/** Where messages of sessions with the same fingerprint belong. */
@Injectable()
export class SlackThreads {
  readonly #threads: KeyValueBucket<SlackThread>;

  constructor(
    private readonly channel: SlackChannel,
    private readonly clock: Clock,
    buckets: Buckets,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#threads = buckets.open(slackThreads);
  }

  /**
   * The thread of whoever told of the alert in the channel, else the one that the session's start began, else the one that an earlier
   * session with this fingerprint began.
   * @param start What is known of the session's start message, if it was posted.
   */
  async find(
    fingerprint: string | undefined,
    start: SlackMessageRecord | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (start?.threadTs !== undefined) return start.threadTs;
    if (fingerprint === undefined) return undefined;
    const told = await this.#search(fingerprint, signal);
    return told ?? start?.messageTs ?? (await this.#threads.get(this.#key(fingerprint)))?.threadTs;
  }

  /** Remembers for 24 hours that a message of ours began a thread. */
  async remember(fingerprint: string, threadTs: string): Promise<void> {
    await this.#threads.put(this.#key(fingerprint), { threadTs, begunAt: this.clock.nowIso() });
  }

  /** Without permission to read the channel there is no thread to find, which is no reason to say nothing. */
  async #search(fingerprint: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await this.channel.findThread(fingerprint, signal);
    } catch (error) {
      if (!(error instanceof SlackRefusedError)) throw error;
      this.logger.warn({ code: error.code, reason: error.reason }, 'slack.search-refused');
      return undefined;
    }
  }

  #key(fingerprint: string): string {
    return sha256(`${this.channel.id}\n${normalised(fingerprint)}`);
  }
}
