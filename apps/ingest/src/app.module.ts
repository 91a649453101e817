import { Module, type DynamicModule } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import { AlertsController } from './alerts/alerts.controller.js';
import { AlertsService } from './alerts/alerts.service.js';
import { KnownSessions } from './alerts/known-sessions.js';
import { RawAlertsConsumer } from './alerts/raw-alerts.consumer.js';
import { ReceivedAlerts } from './alerts/received-alerts.js';
import { CONFIGURATION, INGEST_ENVIRONMENT, type IngestEnvironment } from './ingest.config.js';

@Module({
  controllers: [AlertsController, RawAlertsConsumer],
  providers: [AlertsService, KnownSessions, ReceivedAlerts],
})
export class AppModule {
  static around(environment: IngestEnvironment, configuration: Configuration): DynamicModule {
    const providers = [
      { provide: INGEST_ENVIRONMENT, useValue: environment },
      { provide: CONFIGURATION, useValue: configuration },
    ];
    return { module: AppModule, global: true, providers, exports: providers };
  }
}
