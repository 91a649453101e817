import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removePostgresData } from '../tools/cli/src/servers/postgres.js';
import { startServers } from '../tools/cli/src/servers/servers.js';

/** Provides NATS, PostgreSQL and Redis to a run that was not started by `./tarsy test`. */
export default async function provideServers(): Promise<(() => Promise<void>) | undefined> {
  const { env } = process;
  if (env['NATS_URL'] && env['DATABASE_URL'] && env['REDIS_URL']) return undefined;
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tarsy-test-'));
  const servers = await startServers(dataDirectory, (text) => console.error(text));
  env['NATS_URL'] = servers.natsUrl;
  env['DATABASE_URL'] = servers.databaseAdministratorUrl;
  env['REDIS_URL'] = servers.redisUrl;
  return async () => {
    await servers.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
    removePostgresData(dataDirectory);
  };
}
