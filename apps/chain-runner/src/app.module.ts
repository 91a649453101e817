import { Module, type DynamicModule } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import { CHAIN_RUNNER_ENVIRONMENT, CONFIGURATION, type ChainRunnerEnvironment } from './chain-runner.config.js';
import { DatabaseModule } from './database/database.module.js';
import { DeadLettersModule } from './dead-letters/dead-letters.module.js';
import { RecorderModule } from './recorder/recorder.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { TracesModule } from './traces/traces.module.js';

@Module({ imports: [DatabaseModule, SessionsModule, RecorderModule, TracesModule, DeadLettersModule] })
export class AppModule {
  static around(environment: ChainRunnerEnvironment, configuration: Configuration): DynamicModule {
    const providers = [
      { provide: CHAIN_RUNNER_ENVIRONMENT, useValue: environment },
      { provide: CONFIGURATION, useValue: configuration },
    ];
    return { module: AppModule, global: true, providers, exports: providers };
  }
}
