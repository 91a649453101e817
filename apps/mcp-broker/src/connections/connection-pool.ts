import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { CONFIGURATION } from '../mcp-broker.config.js';
import { ServerConnection } from './server-connection.js';

/** The connections of this process, one for each configured tool server. */
@Injectable()
export class ConnectionPool implements OnApplicationShutdown {
  readonly #connections: ReadonlyMap<string, ServerConnection>;

  constructor(@Inject(CONFIGURATION) configuration: Configuration, @Inject(LOGGER) logger: Logger) {
    this.#connections = new Map(
      Object.entries(configuration.mcpServers).map(([id, definition]) => [
        id,
        new ServerConnection(id, definition, logger),
      ]),
    );
  }

  get all(): readonly ServerConnection[] {
    return [...this.#connections.values()];
  }

  /** Undefined where no such server is configured. */
  of(id: string): ServerConnection | undefined {
    return this.#connections.get(id);
  }

  /** Ends the children too: none of them outlives the broker. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.all.map((connection) => connection.close()));
  }
}
