import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Redis } from 'ioredis';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { removePostgresData } from '../../../tools/cli/src/servers/postgres.js';
import { Servers, startServers, type RunningServers } from '../../../tools/cli/src/servers/servers.js';
import { isAlive } from '../../is-alive.js';
import { runStatement } from '../../../tools/cli/src/servers/sql.js';

/** Nothing of the test run's own servers: all three are provisioned. */
const NO_SERVERS = {};
const folders: string[] = [];
const running = new Set<RunningServers>();

function dataDirectory(...below: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tarsy-provisioning-'));
  folders.push(folder);
  const path = join(folder, ...below);
  mkdirSync(path, { recursive: true });
  return path;
}

async function start(
  directory: string,
  environment: NodeJS.ProcessEnv = NO_SERVERS,
  say: (text: string) => void = () => undefined,
): Promise<RunningServers> {
  const servers = await startServers(directory, say, environment);
  running.add(servers);
  return servers;
}

/** The client reads no credentials from a URL. */
async function connectNats(url: string): Promise<NatsConnection> {
  const { host, username, password } = new URL(url);
  return await connect({ servers: host, user: username, pass: password, reconnect: false });
}

async function stop(servers: RunningServers): Promise<void> {
  running.delete(servers);
  await servers.stop();
}

async function pingRedis(url: string): Promise<string> {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    return await redis.ping();
  } finally {
    redis.disconnect();
  }
}

afterEach(async () => {
  for (const servers of [...running]) await stop(servers);
  for (const folder of folders.splice(0)) {
    removePostgresData(join(folder, 'data'));
    removePostgresData(join(folder, 'home', 'clone', '.tarsy', 'data'));
    rmSync(folder, { recursive: true, force: true });
  }
});

describe(startServers.name, () => {
  it('keeps ports, passwords, streams and tables over a stop and a start', async () => {
    const directory = dataDirectory('data');
    const first = await start(directory);
    const connection = await connectNats(first.natsUrl);
    const streams = await jetstreamManager(connection);
    await streams.streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await jetstream(connection).publish('kept.one', 'still here');
    await connection.close();
    await runStatement(first.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    expect(await pingRedis(first.redisUrl)).toBe('PONG');
    const pids = first.processes.map(({ pid }) => pid);
    expect(pids).toHaveLength(3);
    await stop(first);
    expect(pids.filter(isAlive)).toEqual([]);

    const second = await start(directory);
    expect([second.natsUrl, second.databaseUrl, second.redisUrl]).toEqual([
      first.natsUrl,
      first.databaseUrl,
      first.redisUrl,
    ]);
    const again = await connectNats(second.natsUrl);
    const { state } = await (await jetstreamManager(again)).streams.info('KEPT');
    await again.close();
    expect(state.messages).toBe(1);
    expect(await runStatement(second.databaseUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('lets nobody in without the password and keeps the passwords to their owner', async () => {
    const directory = dataDirectory('data');
    const servers = await start(directory);
    const withPassword = (url: string, password: string): string => Object.assign(new URL(url), { password }).href;
    await expect(connectNats(withPassword(servers.natsUrl, 'wrong'))).rejects.toThrow(/authorization/i);
    await expect(runStatement(withPassword(servers.databaseUrl, 'wrong'), 'SELECT 1')).rejects.toThrow(/password/);
    await expect(pingRedis(withPassword(servers.redisUrl, 'wrong'))).rejects.toThrow();
    expect(statSync(join(directory, 'servers.json')).mode & 0o077).toBe(0);
  });

  it('gives readers a role that reads tables made later and writes nothing', async () => {
    const servers = await start(dataDirectory('data'));
    await runStatement(servers.databaseUrl, 'CREATE TABLE seen (id int)');
    expect(await runStatement(servers.databaseReaderUrl, 'SELECT * FROM seen')).toEqual([]);
    await expect(runStatement(servers.databaseReaderUrl, 'INSERT INTO seen VALUES (1)')).rejects.toThrow(/read-only/);
    const evading = 'SET default_transaction_read_only = off; INSERT INTO seen VALUES (1)';
    await expect(runStatement(servers.databaseReaderUrl, evading)).rejects.toThrow();
  });

  it('starts empty where a data folder was removed and made again', async () => {
    const directory = dataDirectory('data');
    const first = await start(directory);
    await runStatement(first.databaseUrl, 'CREATE TABLE gone (id int)');
    await stop(first);
    rmSync(directory, { recursive: true });
    const second = await start(directory);
    await expect(runStatement(second.databaseUrl, 'SELECT * FROM gone')).rejects.toThrow(/does not exist/);
  });

  it('starts a server that died again, on its port and its data', async () => {
    const said: string[] = [];
    const servers = await start(dataDirectory('data'), NO_SERVERS, (text) => said.push(text));
    await runStatement(servers.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const before = servers.processes.map(({ name, pid, port }) => ({ name, pid, port }));
    for (const { pid } of before) process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => servers.processes.every(({ health, restarts }) => health === 'healthy' && restarts > 0), {
      timeout: 30_000,
    });
    expect(servers.processes.map(({ name, port }) => ({ name, port }))).toEqual(
      before.map(({ name, port }) => ({ name, port })),
    );
    expect(await runStatement(servers.databaseUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await pingRedis(servers.redisUrl)).toBe('PONG');
    await (await connectNats(servers.natsUrl)).close();
    for (const { name } of before) {
      expect(said).toContainEqual(expect.stringMatching(`^${name} ended \\(SIGKILL\\); starting it again`));
      expect(said).toContainEqual(expect.stringMatching(`^${name} runs again`));
    }
  });

  it.each(['at once', 'with its first process'])(
    'leaves nothing behind when it is stopped while it starts: %s',
    async (when) => {
      const directory = dataDirectory('data');
      const started: number[] = [];
      const firstProcess = Promise.withResolvers<void>();
      const servers = new Servers(directory, {
        say: () => undefined,
        onChange: () => {
          started.push(...servers.processes.map(({ pid }) => pid).filter((pid) => pid > 0));
          firstProcess.resolve();
        },
      });
      const starting = servers.start(NO_SERVERS);
      if (when !== 'at once') await Promise.race([firstProcess.promise, starting]);
      await Promise.all([servers.stop(), expect(starting).rejects.toThrow(/stopped while/)]);
      expect(started.filter(isAlive)).toEqual([]);
      const whole = await start(directory);
      expect(await runStatement(whole.databaseUrl, 'SELECT current_user AS name')).toEqual([{ name: 'tarsy' }]);
    },
  );

  it('works below a folder that no other user can enter', async () => {
    const directory = dataDirectory('home', 'clone', '.tarsy', 'data');
    chmodSync(join(directory, '..', '..', '..'), 0o700);
    const servers = await start(directory);
    expect(await runStatement(servers.databaseUrl, 'SELECT current_user AS name')).toEqual([{ name: 'tarsy' }]);
  });

  it('runs two systems side by side', async () => {
    const [left, right] = [await start(dataDirectory('data')), await start(dataDirectory('data'))];
    const ports = [...left.processes, ...right.processes].map(({ port }) => port);
    expect(new Set(ports).size).toBe(6);
    await runStatement(left.databaseUrl, 'CREATE TABLE only_left (id int)');
    await expect(runStatement(right.databaseUrl, 'SELECT * FROM only_left')).rejects.toThrow(/does not exist/);
  });

  it('starts nothing for a server that the environment names', async () => {
    const own = await start(dataDirectory('data'));
    const environment = { NATS_URL: own.natsUrl, DATABASE_URL: own.databaseUrl, REDIS_URL: own.redisUrl };
    const given = await start(dataDirectory('data'), environment);
    expect(given.processes).toEqual([]);
    expect(given.natsUrl).toBe(own.natsUrl);
    expect(given.databaseReaderUrl).toBe(own.databaseUrl);
  });
});
