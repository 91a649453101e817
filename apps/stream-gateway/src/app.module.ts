import { Module, type DynamicModule } from '@nestjs/common';
import { CATALOGUE, type Catalogue } from './catalogue/catalogue.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { PriceCatalogue } from './catalogue/price-catalogue.service.js';
import { RunbookList } from './catalogue/runbook-list.service.js';
import { LiveModule } from './live/live.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { GATEWAY_CONFIG, type StreamGatewayConfig } from './stream-gateway.config.js';
import { SystemModule } from './system/system.module.js';

@Module({
  imports: [SessionsModule, LiveModule, SystemModule],
  controllers: [CatalogueController],
  providers: [RunbookList, PriceCatalogue],
})
export class AppModule {
  static around(config: StreamGatewayConfig, catalogue: Catalogue): DynamicModule {
    const providers = [
      { provide: GATEWAY_CONFIG, useValue: config },
      { provide: CATALOGUE, useValue: catalogue },
    ];
    return { module: AppModule, global: true, providers, exports: providers };
  }
}
