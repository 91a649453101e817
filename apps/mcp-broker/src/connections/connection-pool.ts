import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LiveConfiguration, type Configuration, type McpServerDefinition } from '@tarsy/config';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { isDeepStrictEqual } from 'node:util';
import { CONFIGURATION } from '../mcp-broker.config.js';
import { ExecutionConnections } from './execution-connections.js';
import { settingsFor, tellsExecutionsApart } from './execution-settings.js';
import { ServerConnection } from './server-connection.js';

interface Configured {
  readonly definition: McpServerDefinition;
  /** That of nobody in particular: for the list of tools, and for calls where the server need not know whose they are. */
  readonly connection: ServerConnection;
  readonly ofExecutions: ExecutionConnections | undefined;
}

/** The connections of this process: one for each configured tool server, and one for each execution where the server asks for that. */
@Injectable()
export class ConnectionPool implements OnApplicationShutdown {
  readonly #servers = new Map<string, Configured>();
  readonly #listeners: ((added: readonly ServerConnection[]) => void)[] = [];
  readonly #stopFollowing: () => void;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#adopt();
    this.#stopFollowing =
      configuration instanceof LiveConfiguration ? configuration.onChange(() => this.#follow()) : () => undefined;
  }

  get all(): readonly ServerConnection[] {
    return [...this.#servers.values()].map(({ connection }) => connection);
  }

  /** Undefined where no such server is configured. */
  of(id: string): ServerConnection | undefined {
    return this.#servers.get(id)?.connection;
  }

  /** For a call of an execution. Undefined where no such server is configured. */
  forExecution(id: string, executionId: string): ServerConnection | undefined {
    const server = this.#servers.get(id);
    return server?.ofExecutions?.of(executionId) ?? server?.connection;
  }

  /** Closes what the execution had for itself. */
  endExecution(executionId: string): void {
    for (const { ofExecutions } of this.#servers.values()) ofExecutions?.end(executionId);
  }

  /** Calls back with connections to servers that were added to the configuration, or changed in it. */
  onAdded(listener: (added: readonly ServerConnection[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Ends the children too: none of them outlives the broker. */
  async onApplicationShutdown(): Promise<void> {
    this.#stopFollowing();
    await Promise.all([...this.#servers.values()].map(close));
  }

  #follow(): void {
    const added = this.#adopt();
    if (added.length > 0) for (const listener of this.#listeners) listener(added);
  }

  /** A server whose settings stay the same keeps its connection; calls that run on another one's end with it. */
  #adopt(): ServerConnection[] {
    const { mcpServers } = this.configuration;
    for (const [id, server] of this.#servers) {
      if (isDeepStrictEqual(mcpServers[id]?.transport, server.definition.transport)) continue;
      this.#servers.delete(id);
      void close(server);
    }
    const added = Object.entries(mcpServers).filter(([id]) => !this.#servers.has(id));
    return added.map(([id, definition]) => {
      const { transport } = definition;
      const connection = new ServerConnection(id, { ...definition, transport: settingsFor(transport) }, this.logger);
      const ofExecutions = tellsExecutionsApart(transport)
        ? new ExecutionConnections(id, definition, this.logger)
        : undefined;
      this.#servers.set(id, { definition, connection, ofExecutions });
      return connection;
    });
  }
}

async function close({ connection, ofExecutions }: Configured): Promise<void> {
  await Promise.all([connection.close(), ofExecutions?.close()]);
}
