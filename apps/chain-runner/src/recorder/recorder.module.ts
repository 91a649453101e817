import { Module } from '@nestjs/common';
import { RecorderService } from './recorder.service.js';
import { RecordsRepository } from './records.repository.js';

@Module({ providers: [RecorderService, RecordsRepository], exports: [RecordsRepository] })
export class RecorderModule {}
