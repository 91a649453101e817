import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LiveConfiguration, type Configuration, type McpServerDefinition } from '@tarsy/config';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { isDeepStrictEqual } from 'node:util';
import { CONFIGURATION } from '../mcp-broker.config.js';
import { ServerConnection } from './server-connection.js';

interface Configured {
  readonly definition: McpServerDefinition;
  readonly connection: ServerConnection;
}

/** The connections of this process, one for each configured tool server. */
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

  /** Calls back with connections to servers that were added to the configuration, or changed in it. */
  onAdded(listener: (added: readonly ServerConnection[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Ends the children too: none of them outlives the broker. */
  async onApplicationShutdown(): Promise<void> {
    this.#stopFollowing();
    await Promise.all(this.all.map((connection) => connection.close()));
  }

  #follow(): void {
    const added = this.#adopt();
    if (added.length > 0) for (const listener of this.#listeners) listener(added);
  }

  /** A server whose settings stay the same keeps its connection; calls that run on another one's end with it. */
  #adopt(): ServerConnection[] {
    const { mcpServers } = this.configuration;
    for (const [id, { definition, connection }] of this.#servers) {
      if (isDeepStrictEqual(mcpServers[id]?.transport, definition.transport)) continue;
      this.#servers.delete(id);
      void connection.close();
    }
    const added = Object.entries(mcpServers).filter(([id]) => !this.#servers.has(id));
    return added.map(([id, definition]) => {
      const connection = new ServerConnection(id, definition, this.logger);
      this.#servers.set(id, { definition, connection });
      return connection;
    });
  }
}
