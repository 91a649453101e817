import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf } from '@tarsy/core';
import { createDataSource, migrate } from '@tarsy/persistence';
import { HEALTH_CHECKS, SERVICE_IDENTITY, type HealthCheck, type ServiceIdentity } from '@tarsy/service';
import { DataSource } from 'typeorm';
import { CHAIN_RUNNER_ENVIRONMENT, type ChainRunnerEnvironment } from '../chain-runner.config.js';

const POOL_SIZE = 12;

/** The one connection pool that writes to PostgreSQL; the schema is brought up to date before anything uses it. */
@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [CHAIN_RUNNER_ENVIRONMENT, SERVICE_IDENTITY],
      useFactory: async (
        { databaseUrl }: ChainRunnerEnvironment,
        { replica }: ServiceIdentity,
      ): Promise<DataSource> => {
        const dataSource = createDataSource({ url: databaseUrl, applicationName: replica, poolSize: POOL_SIZE });
        await dataSource.initialize();
        await migrate(dataSource);
        return dataSource;
      },
    },
    { provide: HEALTH_CHECKS, inject: [DataSource], useFactory: (database: DataSource) => [databaseCheck(database)] },
  ],
  exports: [DataSource, HEALTH_CHECKS],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

function databaseCheck(dataSource: DataSource): HealthCheck {
  return {
    name: 'database',
    check: async () => {
      try {
        await dataSource.query('SELECT 1');
        return { status: 'healthy' };
      } catch (error) {
        return { status: 'unhealthy', message: messageOf(error) };
      }
    },
  };
}
