import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Messaging, MessagingModule } from '@tarsy/messaging';
import { Tracing, type Logger, type Metrics } from '@tarsy/observability';
import { LOGGER, SERVICE_IDENTITY, type ServiceIdentity } from './tokens.js';

export type ServiceImports = NonNullable<DynamicModule['imports']>;

/** The root of every service: its own modules among the global providers. */
@Module({})
export class ServiceModule {
  static around(
    imports: ServiceImports,
    parts: { messaging: Messaging; metrics: Metrics; logger: Logger; tracing: Tracing; identity: ServiceIdentity },
  ): DynamicModule {
    const providers: Provider[] = [
      { provide: LOGGER, useValue: parts.logger },
      { provide: Tracing, useValue: parts.tracing },
      { provide: SERVICE_IDENTITY, useValue: parts.identity },
    ];
    return {
      module: ServiceModule,
      global: true,
      imports: [MessagingModule.forRoot(parts.messaging, parts.metrics), ...imports],
      providers,
      exports: providers,
    };
  }
}
