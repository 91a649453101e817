import { LiveConfiguration } from '@tarsy/config';
import { createSilentLogger } from '@tarsy/observability';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionPool } from './connection-pool.js';

const server = (command: string, rest = ''): string => `{ transport: { type: stdio, command: ${command} }${rest} }`;

describe(ConnectionPool.name, () => {
  const directory = mkdtempSync(join(tmpdir(), 'tarsy-pool-'));
  const write = (servers: Record<string, string>): void => {
    const lines = Object.entries(servers).map(([id, settings]) => `  ${id}: ${settings}\n`);
    writeFileSync(join(directory, 'tarsy.yaml'), `mcp_servers:\n${lines.join('')}`);
  };
  let configuration: LiveConfiguration;
  let pool: ConnectionPool;

  beforeEach(() => {
    writeFileSync(join(directory, 'llm-providers.yaml'), '');
    write({ same: server('a'), changed: server('b'), gone: server('c') });
    configuration = new LiveConfiguration({ directory, environment: { HOME: '/nowhere' }, intervalMs: 5 });
    pool = new ConnectionPool(configuration, createSilentLogger());
  });
  afterEach(async () => {
    configuration.close();
    await pool.onApplicationShutdown();
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('follows the configuration: what stays the same keeps its connection', async () => {
    const [same, changed, gone] = ['same', 'changed', 'gone'].map((id) => pool.of(id)!);
    const added = vi.fn();
    pool.onAdded(added);
    write({ same: server('a', ', instructions: New words.'), changed: server('other'), fresh: server('d') });
    await vi.waitFor(() => expect(added).toHaveBeenCalled(), { timeout: 15_000, interval: 5 });
    expect(added.mock.calls).toEqual([[[pool.of('changed'), pool.of('fresh')]]]);
    expect(pool.of('same')).toBe(same);
    expect(pool.of('gone')).toBeUndefined();
    expect([same, changed, gone].map((connection) => connection?.isClosed)).toEqual([false, true, true]);
  });
});
