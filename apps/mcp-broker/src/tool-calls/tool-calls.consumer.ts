import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { subjects, toolCallRequested } from '@tarsy/contracts';
import { ConsumerHost } from '@tarsy/messaging';
import { ConnectionPool } from '../connections/connection-pool.js';
import { ToolCallsService } from './tool-calls.service.js';

/** Calls of one server that this process runs at the same time. */
const CONCURRENCY_PER_SERVER = 10;

/** One work queue for each tool server, so that a slow one holds up nobody else. */
@Injectable()
export class ToolCallsConsumer implements OnApplicationBootstrap {
  constructor(
    private readonly host: ConsumerHost,
    private readonly pool: ConnectionPool,
    private readonly calls: ToolCallsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const { id } of this.pool.all)
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
