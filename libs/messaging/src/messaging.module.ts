import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Clock, SystemClock } from '@tarsy/core';
import { Metrics } from '@tarsy/observability';
import { AcceptedAlerts } from './accepted-alerts.js';
import { Buckets } from './buckets.js';
import { ChunkPublisher, ChunkReader } from './chunks.js';
import { ConsumerHost } from './consumer-host.js';
import { DeadLetters } from './dead-letters.js';
import { JournalStore } from './journal-store.js';
import { Lookups } from './lookups.js';
import { MessagePublisher } from './message-publisher.js';
import { Messaging } from './messaging.js';
import { QueueInspector } from './queue-inspector.js';
import { SessionLog } from './session-log.js';

/** Makes everything of this library injectable everywhere, around one connection. */
@Module({})
export class MessagingModule {
  static forRoot(messaging: Messaging, metrics: Metrics, clock: Clock = new SystemClock()): DynamicModule {
    const providers: Provider[] = [
      { provide: Messaging, useValue: messaging },
      { provide: Metrics, useValue: metrics },
      { provide: Clock, useValue: clock },
      MessagePublisher,
      ConsumerHost,
      JournalStore,
      Buckets,
      SessionLog,
      ChunkPublisher,
      ChunkReader,
      DeadLetters,
      QueueInspector,
      AcceptedAlerts,
      Lookups,
    ];
    return { module: MessagingModule, global: true, providers, exports: providers };
  }
}
