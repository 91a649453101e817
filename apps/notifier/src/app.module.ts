import { Module, type DynamicModule } from '@nestjs/common';
import { HEALTH_CHECKS, PRESENCE_DETAILS, type PresenceDetails } from '@tarsy/service';
import type { NotifierSettings, SlackSettings } from './notifier.config.js';
import { SLACK_SETTINGS } from './notifier.config.js';
import { LifecycleConsumer } from './sessions/lifecycle.consumer.js';
import { NOTIFICATION_CHANNELS } from './sessions/notification-channel.js';
import { SessionFacts } from './sessions/session-facts.js';
import { Posting } from './slack/posting.js';
import { SlackChannel } from './slack/slack-channel.js';
import { SlackHealth } from './slack/slack-health.js';
import { SlackNotifier } from './slack/slack-notifier.js';
import { SlackThreads } from './slack/slack-threads.js';

@Module({ controllers: [LifecycleConsumer] })
export class AppModule {
  /** Without settings of a channel nothing of it is there. */
  static around({ slack }: NotifierSettings): DynamicModule {
    return { module: AppModule, providers: slack === undefined ? idle : slackProviders(slack) };
  }
}

type Providers = NonNullable<DynamicModule['providers']>;

const idle: Providers = [{ provide: NOTIFICATION_CHANNELS, useValue: [] }];

function slackProviders(settings: SlackSettings): Providers {
  const detailsOf =
    (health: SlackHealth): PresenceDetails =>
    () => ({ slack: health.problem ?? 'working' });
  return [
    { provide: SLACK_SETTINGS, useValue: settings },
    SessionFacts,
    SlackChannel,
    SlackHealth,
    SlackThreads,
    Posting,
    SlackNotifier,
    { provide: NOTIFICATION_CHANNELS, useFactory: (channel: SlackNotifier) => [channel], inject: [SlackNotifier] },
    { provide: HEALTH_CHECKS, useFactory: (health: SlackHealth) => [health], inject: [SlackHealth] },
    { provide: PRESENCE_DETAILS, useFactory: detailsOf, inject: [SlackHealth] },
  ];
}
