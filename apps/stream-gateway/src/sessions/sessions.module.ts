import { Module } from '@nestjs/common';
import { SessionsReader } from '@tarsy/persistence';
import { HEALTH_CHECKS } from '@tarsy/service';
import { GATEWAY_CONFIG, type StreamGatewayConfig } from '../stream-gateway.config.js';
import { UsageController } from '../usage/usage.controller.js';
import { CancellationService } from './cancellation.service.js';
import { ChatController } from './chat.controller.js';
import { ChatService } from './chat.service.js';
import { GuidanceController } from './guidance.controller.js';
import { PauseController } from './pause.controller.js';
import { ResumptionService } from './resumption.service.js';
import { SessionCommands } from './session-commands.js';
import { SessionTraceController } from './session-trace.controller.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsDatabase } from './sessions-database.js';
import { SessionsService } from './sessions.service.js';

@Module({
  controllers: [
    SessionsController,
    PauseController,
    GuidanceController,
    ChatController,
    SessionTraceController,
    UsageController,
  ],
  providers: [
    SessionsDatabase,
    {
      provide: SessionsReader,
      inject: [SessionsDatabase, GATEWAY_CONFIG],
      useFactory: ({ source }: SessionsDatabase, { estimatesCost }: StreamGatewayConfig) =>
        new SessionsReader(source, estimatesCost),
    },
    { provide: HEALTH_CHECKS, inject: [SessionsDatabase], useFactory: (database: SessionsDatabase) => [database] },
    SessionsService,
    SessionCommands,
    CancellationService,
    ResumptionService,
    ChatService,
  ],
  exports: [SessionsService],
})
export class SessionsModule {}
