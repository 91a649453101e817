import { Module } from '@nestjs/common';
import { ModelPrices } from './model-prices.js';
import { RecorderService } from './recorder.service.js';
import { RecordsRepository } from './records.repository.js';

@Module({ providers: [RecorderService, RecordsRepository, ModelPrices], exports: [RecordsRepository, ModelPrices] })
export class RecorderModule {}
