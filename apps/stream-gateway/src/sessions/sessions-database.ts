import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { codeOf, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { createDataSource } from '@tarsy/persistence';
import { LOGGER, type HealthCheck, type HealthResult } from '@tarsy/service';
import { GATEWAY_CONFIG, type StreamGatewayConfig } from '../stream-gateway.config.js';

const CONNECT_WITHIN_MS = 60_000;
const RETRY_DELAY_MS = 1_000;
const POOL_SIZE = 10;

/** This process's read-only way into PostgreSQL. */
@Injectable()
export class SessionsDatabase implements OnModuleInit, OnApplicationShutdown, HealthCheck {
  readonly name = 'database';
  readonly source: ReturnType<typeof createDataSource>;

  constructor(
    @Inject(GATEWAY_CONFIG) config: StreamGatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.source = createDataSource({
      url: config.databaseUrl,
      applicationName: 'stream-gateway',
      poolSize: POOL_SIZE,
      readOnly: true,
    });
  }

  /** Waits for a database that is not up yet, at most a minute. */
  async onModuleInit(): Promise<void> {
    const deadline = Date.now() + CONNECT_WITHIN_MS;
    while (!this.source.isInitialized) {
      try {
        await this.source.initialize();
      } catch (error) {
        if (Date.now() > deadline) throw error;
        this.logger.warn({ code: codeOf(error), error: messageOf(error) }, 'database.connect-failed');
        await sleep(RETRY_DELAY_MS);
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  async check(): Promise<HealthResult> {
    try {
      await this.source.query('SELECT 1');
      return { status: 'healthy' };
    } catch (error) {
      this.logger.warn({ code: codeOf(error), error: messageOf(error) }, 'database.unreachable');
      return { status: 'unhealthy', message: 'not reachable' };
    }
  }
}
