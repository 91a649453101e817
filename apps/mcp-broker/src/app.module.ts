import { Module, type DynamicModule } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import { HealthMonitor } from './catalogue/health-monitor.js';
import { ConnectionPool } from './connections/connection-pool.js';
import { ExecutionEndsConsumer } from './executions/execution-ends.consumer.js';
import { ServerSessions } from './executions/server-sessions.service.js';
import { BROKER_ENVIRONMENT, CONFIGURATION, type BrokerEnvironment } from './mcp-broker.config.js';
import { RunbookListing } from './runbooks/runbook-listing.service.js';
import { SharedListing } from './runbooks/shared-listing.js';
import { ToolCallClaims } from './tool-calls/tool-call-claims.js';
import { ToolCallsConsumer } from './tool-calls/tool-calls.consumer.js';
import { ToolCallsService } from './tool-calls/tool-calls.service.js';
import { ToolRunner } from './tool-calls/tool-runner.js';

@Module({
  providers: [
    ConnectionPool,
    HealthMonitor,
    ToolCallClaims,
    ServerSessions,
    ExecutionEndsConsumer,
    ToolRunner,
    ToolCallsService,
    ToolCallsConsumer,
    SharedListing,
    RunbookListing,
  ],
})
export class AppModule {
  static around(configuration: Configuration, environment: BrokerEnvironment): DynamicModule {
    const providers = [
      { provide: CONFIGURATION, useValue: configuration },
      { provide: BROKER_ENVIRONMENT, useValue: environment },
    ];
    return { module: AppModule, global: true, providers, exports: providers };
  }
}
