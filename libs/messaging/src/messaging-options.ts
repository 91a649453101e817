import type { Tracing } from '@tarsy/observability';

export interface MessagingOptions {
  /** `nats://host:port`, several with commas between; user and password may be part of the first. */
  readonly url: string;
  /** Root token of every subject; `tarsy` unless several systems share one server. Lower-case letters, digits, `-`, `_`. */
  readonly namespace: string;
  /** File with a NATS user's JWT and key (`.creds`), for servers that want one instead of a password. */
  readonly credentialsFile?: string;
  /** Application that connects: answers come to an inbox of its own, so that nobody else need be allowed to see them. */
  readonly app?: string;
  /** Shown in the server's connection list. */
  readonly clientName: string;
  /** How long to try the first connection, in milliseconds. Default 60 000. */
  readonly connectTimeoutMs?: number;
  /** Copies of each stream in a NATS cluster, used when a stream is created. Default 1. */
  readonly streamReplicas?: number;
  /** Where message hops become spans. Default: trace ids travel with messages, nothing is exported. */
  readonly tracing?: Tracing;
}
