import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  serverHealth,
  toolCatalogue,
  type ServerHealth,
  type ToolCatalogueEntry,
  type ToolDescription,
} from '@tarsy/contracts';
import { Clock, messageOf } from '@tarsy/core';
import { Buckets, Messaging, type KeyValueBucket } from '@tarsy/messaging';
import { Metrics, type Gauge, type Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { ConnectionPool } from '../connections/connection-pool.js';
import { ToolTimeoutError } from '../connections/connections.errors.js';
import type { ServerConnection } from '../connections/server-connection.js';

const INTERVAL_MS = 15_000;
const PING_TIMEOUT_MS = 5_000;
const FIRST_LIST_TIMEOUT_MS = 30_000;
/** Health checks without an answer after which a connection is made anew. While calls run, longer than any call may take. */
const MOST_SILENT_ROUNDS_IDLE = 2;
const MOST_SILENT_ROUNDS_BUSY = 8;

/** Lists every server's tools at start and every 15 s, and tells all services what it found. */
@Injectable()
export class HealthMonitor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #catalogue: KeyValueBucket<ToolCatalogueEntry>;
  readonly #health: KeyValueBucket<ServerHealth>;
  readonly #healthy: Gauge<'server'>;
  readonly #tools = new Map<string, ReadonlyMap<string, ToolDescription>>();
  readonly #changes = new Map<string, { healthy: boolean; at: string }>();
  readonly #silentRounds = new Map<string, number>();
  readonly #written = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    buckets: Buckets,
    messaging: Messaging,
    metrics: Metrics,
    private readonly pool: ConnectionPool,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#catalogue = buckets.open(toolCatalogue);
    this.#health = buckets.open(serverHealth);
    // A server that lost its data has lost the catalogue as well.
    messaging.onReconnect(() => this.#written.clear());
    this.#healthy = metrics.gauge('tarsy_mcp_health_status', 'Whether the tool server answers.', ['server']);
  }

  onApplicationBootstrap(): void {
    void this.#round();
    this.pool.onAdded((added) => added.forEach((connection) => void this.#check(connection)));
  }

  onApplicationShutdown(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Tools of a server as this process last saw them; undefined before its first answer. */
  toolsOf(server: string): ReadonlyMap<string, ToolDescription> | undefined {
    return this.#tools.get(server);
  }

  /** Lists the tools of one server now. @throws what listing throws */
  async refresh(
    connection: ServerConnection,
    timeoutMs = PING_TIMEOUT_MS,
  ): Promise<ReadonlyMap<string, ToolDescription>> {
    const tools = (await connection.listTools(timeoutMs)).map(describe);
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    this.#tools.set(connection.id, byName);
    await this.#publishTools(connection.id, tools).catch((error: unknown) =>
      this.logger.warn({ server: connection.id, error: messageOf(error) }, 'mcp.tools-not-published'),
    );
    return byName;
  }

  async #publishTools(server: string, tools: ToolDescription[]): Promise<void> {
    const text = JSON.stringify(tools);
    if (this.#written.get(server) === text) return;
    await this.#catalogue.put(server, { server, tools, updatedAt: this.clock.nowIso() });
    this.#written.set(server, text);
    this.logger.info({ server, tools: tools.length }, 'mcp.tools-listed');
  }

  async #round(): Promise<void> {
    await Promise.all(this.pool.all.map((connection) => this.#check(connection)));
    await this.#forgetRemoved();
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#round(), INTERVAL_MS);
  }

  /** Nobody shall be offered tools of a server that is not configured any more. */
  async #forgetRemoved(): Promise<void> {
    for (const server of this.#changes.keys()) {
      if (this.pool.of(server)) continue;
      this.#changes.delete(server);
      this.#tools.delete(server);
      this.#written.delete(server);
      await Promise.all([this.#catalogue.delete(server), this.#health.delete(server)]).catch((error: unknown) =>
        this.logger.warn({ server, error: messageOf(error) }, 'mcp.server-not-forgotten'),
      );
      this.logger.info({ server }, 'mcp.server-removed');
    }
  }

  #countSilence(connection: ServerConnection): void {
    const rounds = (this.#silentRounds.get(connection.id) ?? 0) + 1;
    const isStuck = rounds >= mostSilentRounds(connection.running);
    this.#silentRounds.set(connection.id, isStuck ? 0 : rounds);
    if (isStuck) connection.reset(`no answer to ${rounds} health checks`);
  }

  async #check(connection: ServerConnection): Promise<void> {
    let errorMessage: string | null = null;
    try {
      // The first start of a server may take longer: packages are fetched, caches are cold.
      await this.refresh(connection, this.#tools.has(connection.id) ? PING_TIMEOUT_MS : FIRST_LIST_TIMEOUT_MS);
      this.#silentRounds.delete(connection.id);
    } catch (error) {
      errorMessage = messageOf(error);
      if (error instanceof ToolTimeoutError) this.#countSilence(connection);
    }
    if (this.#stopped || connection.isClosed) return;
    const healthy = errorMessage === null;
    this.#healthy.set({ server: connection.id }, healthy ? 1 : 0);
    const now = this.clock.nowIso();
    const before = this.#changes.get(connection.id);
    if (before?.healthy !== healthy) {
      this.#changes.set(connection.id, { healthy, at: now });
      this.logger[healthy ? 'info' : 'warn'](
        { server: connection.id, error: errorMessage },
        healthy ? 'mcp.server-healthy' : 'mcp.server-unhealthy',
      );
    }
    const changedAt = before?.healthy === healthy ? before.at : now;
    const toolCount = this.#tools.get(connection.id)?.size ?? 0;
    await this.#health
      .put(connection.id, { server: connection.id, healthy, toolCount, errorMessage, checkedAt: now, changedAt })
      .catch((error: unknown) => this.logger.warn({ error: messageOf(error) }, 'mcp.health-not-published'));
  }
}

/** A server that hangs never closes its connection: somebody else must. */
function mostSilentRounds(runningCalls: number): number {
  return runningCalls > 0 ? MOST_SILENT_ROUNDS_BUSY : MOST_SILENT_ROUNDS_IDLE;
}

function describe({ name, description, inputSchema, annotations }: Tool): ToolDescription {
  const { readOnlyHint, destructiveHint, idempotentHint } = annotations ?? {};
  return {
    name,
    description: description ?? '',
    inputSchema: inputSchema as Record<string, unknown>,
    annotations: {
      ...(readOnlyHint === undefined ? {} : { readOnlyHint }),
      ...(destructiveHint === undefined ? {} : { destructiveHint }),
      ...(idempotentHint === undefined ? {} : { idempotentHint }),
    },
  };
}
