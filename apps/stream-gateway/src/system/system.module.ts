import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLettersService } from './dead-letters.service.js';
import { QueuesController } from './queues.controller.js';
import { SystemController } from './system.controller.js';
import { SystemService } from './system.service.js';

@Module({
  controllers: [SystemController, QueuesController, DeadLettersController],
  providers: [SystemService, DeadLettersService],
})
export class SystemModule {}
