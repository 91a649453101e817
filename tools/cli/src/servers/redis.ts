import { Redis } from 'ioredis';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { obtainBinary, REDIS_SERVER } from './binaries.js';
import type { ServerPlan } from './server-plan.js';
import type { ServerSettings } from './server-settings.js';

/** A private Redis on the loopback interface. It keeps nothing on disk: what is in it may be lost. */
export async function redisServer(
  dataDirectory: string,
  { redisPort, redisPassword }: ServerSettings,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<ServerPlan<{ redisUrl: string }>> {
  const binary = await obtainBinary(REDIS_SERVER, say, signal);
  const folder = join(dataDirectory, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configuration = join(folder, 'redis.conf');
  writeFileSync(
    configuration,
    `bind 127.0.0.1\nport ${redisPort}\nrequirepass ${redisPassword}\ndir ${folder}\nsave ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy allkeys-lru\n`,
    { mode: 0o600 },
  );
  const redisUrl = `redis://:${redisPassword}@127.0.0.1:${redisPort}`;
  return {
    process: {
      name: 'redis',
      command: binary.path,
      options: [configuration],
      environment: binary.environment,
      logFile: join(folder, 'redis.log'),
      port: redisPort,
      version: binary.version,
      stopSignal: 'SIGTERM',
      isReady: () => answers(redisUrl),
    },
    addresses: { redisUrl },
  };
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 1_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } finally {
    redis.disconnect();
  }
}
