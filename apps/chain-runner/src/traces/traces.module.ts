import { Module } from '@nestjs/common';
import { TracesService } from './traces.service.js';

@Module({ providers: [TracesService] })
export class TracesModule {}
