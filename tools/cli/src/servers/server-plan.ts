import type { NatsIdentity } from '@tarsy/contracts';
import type { ServerProcessOptions } from './server-process.js';

export interface NatsAddresses {
  /** As an operator, who may do everything. */
  readonly natsUrl: string;
  /** As one of the users who may do only what they need. */
  readonly natsUrlOf: (identity: NatsIdentity) => string;
}

/** Where a system finds its servers. */
export interface ServerAddresses extends NatsAddresses {
  readonly databaseUrl: string;
  /** Read-only role; the same as `databaseUrl` where the database is not ours. */
  readonly databaseReaderUrl: string;
  /** Role that may create databases: ours, else `databaseUrl`. */
  readonly databaseAdministratorUrl: string;
  readonly redisUrl: string;
}

/** How to run a server, and what to do once it can be used. */
export interface ServerPlan<Addresses> {
  readonly process: ServerProcessOptions;
  readonly prepare?: () => Promise<void>;
  readonly addresses: Addresses;
}
