import { messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import {
  connect,
  credsAuthenticator,
  type Authenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessagingOptions } from './messaging-options.js';
import type { Namespace } from './namespace.js';
import { inboxPrefix } from './permissions.js';
import { MessagingUnavailableError } from './messaging.errors.js';
import { assertSupportedServer } from './server-version.js';

const LONGEST_PAUSE_MS = 2_000;

/**
 * Connects, waiting for a server that is not up yet.
 * @throws {MessagingUnavailableError} no connection in time
 * @throws {UnsupportedServerError} the server is too old
 */
export async function connectToServer(
  options: MessagingOptions,
  names: Namespace,
  logger: Logger,
): Promise<NatsConnection> {
  const { connectTimeoutMs = 60_000 } = options;
  const deadline = Date.now() + connectTimeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      const connection = await connect(connectionOptions(options, names));
      await refuseOldServer(connection);
      return connection;
    } catch (error) {
      if (error instanceof Error && error.name === 'UnsupportedServerError') throw error;
      const pauseMs = pauseBefore(attempt);
      if (Date.now() + pauseMs > deadline)
        throw new MessagingUnavailableError(`no connection to NATS within ${connectTimeoutMs} ms`, { cause: error });
      logger.warn({ attempt, pauseMs, error: messageOf(error) }, 'messaging.connect-failed');
      await sleep(pauseMs);
    }
  }
}

async function refuseOldServer(connection: NatsConnection): Promise<void> {
  try {
    assertSupportedServer(connection.info?.version);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function connectionOptions(
  { url, clientName, app, credentialsFile }: MessagingOptions,
  names: Namespace,
): NodeConnectionOptions {
  const addresses = url.split(',').map((address) => new URL(address.includes('://') ? address : `nats://${address}`));
  const [first] = addresses;
  return {
    servers: addresses.map(({ protocol, host }) => `${protocol}//${host}`),
    name: clientName,
    ...(first?.username ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) } : {}),
    ...(credentialsFile ? { authenticator: credentialsFrom(credentialsFile) } : {}),
    ...(app === undefined ? {} : { inboxPrefix: inboxPrefix(names, app) }),
    maxReconnectAttempts: -1,
    reconnectDelayHandler: reconnectDelays(),
    // A dead peer is noticed within 10 to 15 s, about the ack wait of a task.
    pingInterval: 5_000,
    maxPingOut: 2,
    // For the handshake: a proxy may accept a connection although the server behind it is away.
    timeout: 2_000,
    ignoreAuthErrorAbort: true,
    // The client would capture a stack for every request, in case it fails: a tenth of what publishing costs.
    noAsyncTraces: true,
  };
}

/** Read at every connection, so that a file that was replaced counts. */
function credentialsFrom(file: string): Authenticator {
  return (nonce) => credsAuthenticator(readFileSync(file))(nonce);
}

/** 70 ms, 100 ms … 2 s, less up to a third, so that a fleet does not come back in one instant. */
function pauseBefore(attempt: number): number {
  return Math.round(Math.min(LONGEST_PAUSE_MS, 50 * 2 ** (Math.min(attempt, 20) / 2)) * (1 - Math.random() / 3));
}

/** Grows with every try and starts over once a connection held for a while. */
function reconnectDelays(): () => number {
  let attempt = 0;
  let lastTryAt = 0;
  return () => {
    attempt = Date.now() - lastTryAt > 2 * LONGEST_PAUSE_MS ? 1 : attempt + 1;
    lastTryAt = Date.now();
    return pauseBefore(attempt);
  };
}
