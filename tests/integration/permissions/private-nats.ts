import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsIdentity, ServiceName } from '@tarsy/contracts';
import { Messaging } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers, type RunningServers } from '../../../tools/cli/src/servers/servers.js';

/** A nats-server whose users may do what the contracts say in one namespace. PostgreSQL and Redis are not started. */
export class PrivateNats {
  readonly #open: { close(): Promise<void> }[] = [];

  private constructor(
    readonly namespace: string,
    private readonly folder: string,
    private readonly servers: RunningServers,
  ) {}

  static async start(namespace: string): Promise<PrivateNats> {
    const folder = mkdtempSync(join(tmpdir(), 'tarsy-permissions-'));
    const elsewhere = { DATABASE_URL: 'postgres://nowhere', REDIS_URL: 'redis://nowhere', TARSY_NAMESPACE: namespace };
    return new PrivateNats(namespace, folder, await startServers(folder, () => undefined, elsewhere));
  }

  /** A connection as a service has it. */
  async messagingOf(app: ServiceName): Promise<Messaging> {
    const messaging = await Messaging.connect(
      { url: this.servers.natsUrlOf(app), namespace: this.namespace, app, clientName: app },
      createSilentLogger(),
    );
    this.#open.push(messaging);
    return messaging;
  }

  /** A connection that sends whatever it is told to. */
  async connectionOf(
    identity: NatsIdentity,
    inboxPrefix = `_INBOX.${this.namespace}.${identity}`,
  ): Promise<NatsConnection> {
    const { host, username, password } = new URL(this.servers.natsUrlOf(identity));
    const connection = await connect({ servers: host, user: username, pass: password, inboxPrefix, reconnect: false });
    this.#open.push(connection);
    return connection;
  }

  /** What the server refused so far, one line each. */
  refusals(): string[] {
    const log = readFileSync(join(this.folder, 'nats', 'nats-server.log'), 'utf8');
    return log.split('\n').filter((line) => line.includes('Violation'));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open.map((connection) => connection.close()));
    await this.servers.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
