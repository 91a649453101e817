import { Controller, Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { sessionLifecycle, subjectFilters, type LifecycleEvent } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import { Consume, type Delivery } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { NOTIFICATION_CHANNELS, type NotificationChannel } from './notification-channel.js';
import { notificationOf } from './notification.js';

/** Nobody wants to hear of it later. Also what keeps the first start from telling a week of history. */
const NEWS_FOR_MS = 24 * 3_600_000;

/** Follows all sessions, also while there is nobody to tell: a channel that is switched on begins with what comes then. */
@Controller()
export class LifecycleConsumer implements OnApplicationBootstrap {
  constructor(
    private readonly clock: Clock,
    @Inject(NOTIFICATION_CHANNELS) private readonly channels: readonly NotificationChannel[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.channels.length === 0) this.logger.info({ reason: 'no channel is configured' }, 'notifier.idle');
  }

  // Attempts end with the age of the event: an outage may be longer than any number of them.
  @Consume(sessionLifecycle, {
    durable: 'notifier',
    filterSubjects: [subjectFilters.lifecycles],
    ackWaitMs: 10_000,
    maxDeliver: Infinity,
    concurrency: 8,
  })
  async handle(@Payload() event: LifecycleEvent, @Ctx() delivery: Delivery): Promise<void> {
    const notification = notificationOf(event);
    if (notification === undefined || this.#isOldNews(delivery)) return;
    for (const channel of this.channels) await channel.notify(notification, delivery);
  }

  #isOldNews({ publishedAt, attempt }: Delivery): boolean {
    return attempt === 1 && this.clock.nowMs() - publishedAt.getTime() > NEWS_FOR_MS;
  }
}
