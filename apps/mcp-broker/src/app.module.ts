import { Module, type DynamicModule } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import { HealthMonitor } from './catalogue/health-monitor.js';
import { ConnectionPool } from './connections/connection-pool.js';
import { CONFIGURATION } from './mcp-broker.config.js';
import { ToolCallClaims } from './tool-calls/tool-call-claims.js';
import { ToolCallsConsumer } from './tool-calls/tool-calls.consumer.js';
import { ToolCallsService } from './tool-calls/tool-calls.service.js';
import { ToolRunner } from './tool-calls/tool-runner.js';

@Module({ providers: [ConnectionPool, HealthMonitor, ToolCallClaims, ToolRunner, ToolCallsService, ToolCallsConsumer] })
export class AppModule {
  static around(configuration: Configuration): DynamicModule {
    const providers = [{ provide: CONFIGURATION, useValue: configuration }];
    return { module: AppModule, global: true, providers, exports: providers };
  }
}
