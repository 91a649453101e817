import { Inject, Injectable } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import { serverSessions, type ServerSession, type ToolCallRequested } from '@tarsy/contracts';
import { Clock, messageOf } from '@tarsy/core';
import { Buckets, type KeyValueBucket } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { ConnectionPool } from '../connections/connection-pool.js';
import { requestCleanup } from '../connections/session-cleanup.js';
import { CONFIGURATION } from '../mcp-broker.config.js';

/** For all servers that one execution used. */
const LONGEST_CLEANUP_MS = 15_000;

/** Knows which servers an execution used that want to hear of its end, whichever broker ran its calls, and tells them. */
@Injectable()
export class ServerSessions {
  readonly #sessions: KeyValueBucket<ServerSession>;

  constructor(
    buckets: Buckets,
    private readonly pool: ConnectionPool,
    private readonly clock: Clock,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#sessions = buckets.open(serverSessions);
  }

  /** Servers that are to be told. */
  get servers(): string[] {
    return Object.entries(this.configuration.mcpServers)
      .filter(([, { transport }]) => transport.sessionCleanupUrl !== undefined)
      .map(([id]) => id);
  }

  /**
   * Before an execution's call: afterwards it might never be known. A no-op for servers that do not want to be told.
   * @throws {MessagingUnavailableError} NATS does not answer
   */
  async begin({ server, executionId }: ToolCallRequested): Promise<void> {
    if (!this.configuration.mcpServers[server]?.transport.sessionCleanupUrl) return;
    await this.#sessions.create(keyOf(executionId, server), { begunAt: this.clock.nowIso() });
  }

  /** Safe to repeat; a server that can not be told is told no more. */
  async end(executionId: string): Promise<void> {
    this.pool.endExecution(executionId);
    const signal = AbortSignal.timeout(LONGEST_CLEANUP_MS);
    await Promise.all(this.servers.map((server) => this.#end(server, executionId, signal)));
  }

  async #end(server: string, executionId: string, signal: AbortSignal): Promise<void> {
    const key = keyOf(executionId, server);
    const settings = this.configuration.mcpServers[server]?.transport;
    if (settings === undefined || (await this.#sessions.get(key)) === undefined) return;
    try {
      await requestCleanup(settings, executionId, signal);
      this.logger.info({ server, executionId }, 'mcp.session-cleaned-up');
    } catch (error) {
      this.logger.warn({ server, executionId, error: messageOf(error) }, 'mcp.session-not-cleaned-up');
    }
    await this.#sessions.delete(key);
  }
}

/** Ids of servers may have characters that a key may not have. */
function keyOf(executionId: string, server: string): string {
  return `${executionId}.${Buffer.from(server).toString('base64url')}`;
}
