import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, messageOf } from '@tarsy/core';
import type { Delivery } from '@tarsy/messaging';
import { Metrics, type Counter, type Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { SLACK_SETTINGS, type SlackSettings } from '../notifier.config.js';
import type { NotificationChannel } from '../sessions/notification-channel.js';
import type { Notification } from '../sessions/notification.js';
import { SessionFacts } from '../sessions/session-facts.js';
import { Posting } from './posting.js';
import { SlackChannel } from './slack-channel.js';
import { SlackHealth } from './slack-health.js';
import { slackContentOf } from './slack-layout.js';
import { SlackThreads } from './slack-threads.js';
import {
  NotificationGivenUpError,
  NotYetError,
  SlackRateLimitedError,
  SlackRefusedError,
  SlackUnavailableError,
} from './slack.errors.js';

/** Longest wait for Slack's answer to a post, in milliseconds. */
const POST_LIMIT_MS = { start: 5_000, pause: 10_000, end: 10_000 } as const;
/** How often the pause or the end of a session lets its start go first, a second each time. */
const START_GOES_FIRST = 3;
/** An outage longer than this leaves the message to the dead letters. */
const TRY_FOR_MS = 24 * 3_600_000;

type Outcome = 'posted' | 'found' | 'repeated' | 'not_wanted' | 'overtaken';

/** Tells a Slack channel of the start, the pauses and the end of sessions. */
@Injectable()
export class SlackNotifier implements NotificationChannel, OnApplicationBootstrap {
  readonly #messages: Counter<'kind' | 'outcome'>;

  constructor(
    private readonly facts: SessionFacts,
    private readonly posting: Posting,
    private readonly threads: SlackThreads,
    private readonly channel: SlackChannel,
    private readonly health: SlackHealth,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(SLACK_SETTINGS) private readonly settings: SlackSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#messages = metrics.counter('tarsy_slack_messages_total', 'Messages to Slack and what became of them.', ['kind', 'outcome']); // prettier-ignore
  }

  /** A bad token is said at once, not with the first alert; it keeps nothing from starting. */
  onApplicationBootstrap(): void {
    this.channel.checkToken(AbortSignal.timeout(10_000)).then(
      () => this.health.succeeded(),
      (error: unknown) => this.health.failed(error),
    );
  }

  /**
   * @throws {NotificationGivenUpError} Slack refused too often, or was away for a day
   * @throws {AppError} retryable, for everything else
   */
  async notify(notification: Notification, delivery: Delivery): Promise<void> {
    const { sessionId, kind } = notification;
    try {
      const outcome = await this.#tell(notification, delivery);
      this.#messages.inc({ kind, outcome });
      this.logger.info({ sessionId, kind, outcome }, 'slack.notified');
      if (outcome === 'posted' || outcome === 'found') this.health.succeeded();
    } catch (error) {
      throw this.#judged(error, kind, delivery);
    }
  }

  async #tell(notification: Notification, delivery: Delivery): Promise<Outcome> {
    const { sessionId, kind } = notification;
    const { attempt, signal } = delivery;
    const notificationId = idOf(notification);
    const record = await this.posting.recordOf(notificationId);
    if (record?.state === 'posted') return 'repeated';
    if (kind !== 'end' && (await this.posting.recordOf(endIdOf(sessionId))) !== undefined) return 'overtaken';
    const fingerprint = await this.facts.fingerprintOf(sessionId, delivery);
    if (kind === 'start' && fingerprint === undefined) return 'not_wanted';
    if (record !== undefined && (await this.posting.wasPosted(notificationId, record, signal))) return 'found';

    const start = kind !== 'start' && fingerprint !== undefined ? await this.#startOf(sessionId, attempt) : undefined;
    const threadTs = await this.threads.find(fingerprint, start, signal);
    const content = slackContentOf(notification, notificationId, this.settings.dashboardUrl);
    const message = { content, threadTs, notificationId, sessionId };
    const posted = await this.posting.post(message, { known: record, limitMs: POST_LIMIT_MS[kind], signal });
    const isThreadBegun = kind === 'start' && posted.threadTs === undefined;
    if (isThreadBegun && fingerprint && posted.messageTs) await this.threads.remember(fingerprint, posted.messageTs);
    return 'posted';
  }

  /** @throws {NotYetError} the start is about to be posted, most likely */
  async #startOf(sessionId: string, attempt: number): ReturnType<Posting['recordOf']> {
    const start = await this.posting.recordOf(startIdOf(sessionId));
    if (start?.state === 'posted') return start.channel === this.channel.id ? start : undefined;
    if (attempt <= START_GOES_FIRST)
      throw new NotYetError('the start of the session goes first', { retryAfterMs: 1_000 });
    return undefined;
  }

  #judged(error: unknown, kind: Notification['kind'], { attempt, publishedAt }: Delivery): unknown {
    const outcome = failureOf(error);
    this.#messages.inc({ kind, outcome });
    if (outcome === 'refused' || outcome === 'unavailable') this.health.failed(error);
    const isHopeless = outcome === 'refused' && attempt >= this.settings.retry.refusedAttempts;
    const isTooOld = this.clock.nowMs() - publishedAt.getTime() > TRY_FOR_MS;
    if (!isHopeless && !isTooOld) return error;
    this.#messages.inc({ kind, outcome: 'given_up' });
    return new NotificationGivenUpError(messageOf(error), { cause: error });
  }
}

const startIdOf = (sessionId: string): string => `${sessionId}.start`;
const endIdOf = (sessionId: string): string => `${sessionId}.end`;

function idOf(notification: Notification): string {
  const { kind, sessionId } = notification;
  if (kind === 'pause') return `${sessionId}.pause.${notification.revision}`;
  return kind === 'start' ? startIdOf(sessionId) : endIdOf(sessionId);
}

function failureOf(error: unknown): 'refused' | 'unavailable' | 'rate_limited' | 'not_yet' | 'failed' {
  if (error instanceof SlackRefusedError) return 'refused';
  if (error instanceof SlackUnavailableError) return 'unavailable';
  if (error instanceof SlackRateLimitedError) return 'rate_limited';
  return error instanceof NotYetError ? 'not_yet' : 'failed';
}
