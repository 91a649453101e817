import { Module } from '@nestjs/common';
import { PRESENCE_DETAILS, type PresenceDetails } from '@tarsy/service';
import { ModelPrices } from './model-prices.js';
import { RecorderService } from './recorder.service.js';
import { RecordsRepository } from './records.repository.js';

const presence = {
  provide: PRESENCE_DETAILS,
  inject: [ModelPrices],
  useFactory:
    (prices: ModelPrices): PresenceDetails =>
    () =>
      prices.presence,
};

@Module({
  providers: [RecorderService, RecordsRepository, ModelPrices, presence],
  exports: [RecordsRepository, ModelPrices],
})
export class RecorderModule {}
