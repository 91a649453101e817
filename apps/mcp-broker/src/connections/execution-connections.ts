import type { McpServerDefinition } from '@tarsy/config';
import type { Logger } from '@tarsy/observability';
import { settingsFor } from './execution-settings.js';
import { ServerConnection } from './server-connection.js';

/** Longer than a model may think between two calls. An execution that calls later connects anew. */
const IDLE_MS = 10 * 60_000;
/** More than calls can run at the same time, so that one without a call can always be closed for another. */
const MOST_OPEN = 100;

interface Entry {
  readonly connection: ServerConnection;
  readonly idleTimer: NodeJS.Timeout;
}

/** Connections to one server that executions have for themselves. */
export class ExecutionConnections {
  /** By execution, least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();

  constructor(
    private readonly id: string,
    private readonly definition: McpServerDefinition,
    private readonly logger: Logger,
    private readonly mostOpen = MOST_OPEN,
    private readonly idleMs = IDLE_MS,
  ) {}

  /** Opened at first use. */
  of(executionId: string): ServerConnection {
    const entry = this.#entries.get(executionId) ?? this.#create(executionId);
    this.#entries.delete(executionId);
    this.#entries.set(executionId, entry);
    entry.idleTimer.refresh();
    return entry.connection;
  }

  /** The execution has ended. A call that still runs keeps its connection: broken off, it would only be run again. */
  end(executionId: string): void {
    const entry = this.#entries.get(executionId);
    if (entry !== undefined && entry.connection.running === 0) this.#close(executionId, entry);
  }

  async close(): Promise<void> {
    for (const [executionId, entry] of [...this.#entries]) this.#close(executionId, entry);
    await Promise.all(this.#closing);
  }

  #close(executionId: string, entry: Entry): void {
    this.#entries.delete(executionId);
    clearTimeout(entry.idleTimer);
    const closing = entry.connection.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #create(executionId: string): Entry {
    if (this.#entries.size >= this.mostOpen) {
      const unused = [...this.#entries].find(([, { connection }]) => connection.running === 0);
      if (unused) this.#close(...unused);
    }
    const definition = { ...this.definition, transport: settingsFor(this.definition.transport, executionId) };
    const connection = new ServerConnection(this.id, definition, this.logger);
    return { connection, idleTimer: setTimeout(() => this.#onIdle(executionId), this.idleMs).unref() };
  }

  #onIdle(executionId: string): void {
    this.#entries.get(executionId)?.idleTimer.refresh();
    this.end(executionId);
  }
}
