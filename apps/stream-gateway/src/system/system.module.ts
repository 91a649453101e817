import { Module } from '@nestjs/common';
import { QueuesController } from './queues.controller.js';
import { SystemController } from './system.controller.js';
import { SystemService } from './system.service.js';

@Module({ controllers: [SystemController, QueuesController], providers: [SystemService] })
export class SystemModule {}
