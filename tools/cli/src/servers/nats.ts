import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { NATS_SERVER, obtainBinary } from './binaries.js';
import { authorizationBlock, OPERATOR } from './nats-users.js';
import type { NatsAddresses, ServerPlan } from './server-plan.js';
import type { ServerSettings } from './server-settings.js';

/** A private nats-server with JetStream on the loopback interface; its store lies in the data folder. */
export async function natsServer(
  dataDirectory: string,
  { natsPort, natsPassword, natsPasswords }: ServerSettings,
  namespace: string,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<ServerPlan<NatsAddresses>> {
  const binary = await obtainBinary(NATS_SERVER, say, signal);
  const folder = join(dataDirectory, 'nats');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configuration = join(folder, 'nats-server.conf');
  // The store limits bound what streams may reserve, not what they use.
  writeFileSync(
    configuration,
    `listen: "127.0.0.1:${natsPort}"
server_name: "tarsy"
jetstream { store_dir: "${join(folder, 'jetstream')}", max_file_store: 8TB, max_memory_store: 1TB }
${authorizationBlock(namespace, (identity) => `"${natsPasswords[identity]}"`, `"${natsPassword}"`)}`,
    { mode: 0o600 },
  );
  return {
    process: {
      name: 'nats-server',
      command: binary.path,
      options: ['--config', configuration],
      environment: binary.environment,
      logFile: join(folder, 'nats-server.log'),
      port: natsPort,
      version: binary.version,
      stopSignal: 'SIGTERM',
      isReady: () => greets(natsPort, 'INFO '),
    },
    addresses: {
      natsUrl: `nats://${OPERATOR}:${natsPassword}@127.0.0.1:${natsPort}`,
      natsUrlOf: (identity) => `nats://${identity}:${natsPasswords[identity]}@127.0.0.1:${natsPort}`,
    },
  };
}

/** NATS speaks first. */
async function greets(port: number, greeting: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('data', (data) => end(data.toString('latin1').startsWith(greeting)));
  });
}
