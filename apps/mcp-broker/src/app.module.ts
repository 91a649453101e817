import { Module, type DynamicModule } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import { HealthMonitor } from './catalogue/health-monitor.js';
import { ConnectionPool } from './connections/connection-pool.js';
import { CONFIGURATION } from './mcp-broker.config.js';
import { ToolCallsConsumer } from './tool-calls/tool-calls.consumer.js';
import { ToolCallsService } from './tool-calls/tool-calls.service.js';

@Module({ providers: [ConnectionPool, HealthMonitor, ToolCallsService, ToolCallsConsumer] })
export class AppModule {
  static around(configuration: Configuration): DynamicModule {
    const providers = [{ provide: CONFIGURATION, useValue: configuration }];
    return { module: AppModule, global: true, providers, exports: providers };
  }
}
