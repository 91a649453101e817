import { Module } from '@nestjs/common';
import { SessionsReader } from '@tarsy/persistence';
import { HEALTH_CHECKS } from '@tarsy/service';
import { CancellationService } from './cancellation.service.js';
import { SessionTraceController } from './session-trace.controller.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsDatabase } from './sessions-database.js';
import { SessionsService } from './sessions.service.js';

@Module({
  controllers: [SessionsController, SessionTraceController],
  providers: [
    SessionsDatabase,
    {
      provide: SessionsReader,
      inject: [SessionsDatabase],
      useFactory: ({ source }: SessionsDatabase) => new SessionsReader(source),
    },
    { provide: HEALTH_CHECKS, inject: [SessionsDatabase], useFactory: (database: SessionsDatabase) => [database] },
    SessionsService,
    CancellationService,
  ],
  exports: [SessionsService],
})
export class SessionsModule {}
