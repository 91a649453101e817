import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { subjects, toolCallRequested } from '@tarsy/contracts';
import { codeOf, messageOf } from '@tarsy/core';
import { ConsumerHost } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { ConnectionPool } from '../connections/connection-pool.js';
import type { ServerConnection } from '../connections/server-connection.js';
import { ToolCallsService } from './tool-calls.service.js';

/** Calls of one server that this process runs at the same time. */
const CONCURRENCY_PER_SERVER = 10;

/** One work queue for each tool server, so that a slow one holds up nobody else. */
@Injectable()
export class ToolCallsConsumer implements OnApplicationBootstrap {
  readonly #consumed = new Set<string>();

  constructor(
    private readonly host: ConsumerHost,
    private readonly pool: ConnectionPool,
    private readonly calls: ToolCallsService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.#consume(this.pool.all);
    // Queues of servers that are gone stay: their calls are answered that there is no such server.
    this.pool.onAdded((added) => {
      this.#consume(added).catch((error: unknown) =>
        this.logger.error({ code: codeOf(error), error: messageOf(error) }, 'mcp.queue-not-consumed'),
      );
    });
  }

  async #consume(connections: readonly ServerConnection[]): Promise<void> {
    for (const { id } of connections) {
      if (this.#consumed.has(id)) continue;
      this.#consumed.add(id);
      await this.host.consume(
        toolCallRequested,
        {
          durable: `mcp-broker-${id}`,
          filterSubjects: [subjects.toolCall(id)],
          ackWaitMs: 10_000,
          maxDeliver: 10,
          concurrency: CONCURRENCY_PER_SERVER,
        },
        (call, delivery) => this.calls.run(call, delivery),
      );
    }
  }
}
