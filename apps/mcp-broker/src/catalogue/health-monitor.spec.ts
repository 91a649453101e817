import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { SystemClock } from '@tarsy/core';
import type { Buckets, Messaging } from '@tarsy/messaging';
import { createSilentLogger, Metrics } from '@tarsy/observability';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionPool } from '../connections/connection-pool.js';
import { ToolTimeoutError } from '../connections/connections.errors.js';
import type { ServerConnection } from '../connections/server-connection.js';
import { HealthMonitor } from './health-monitor.js';

const ROUND_MS = 15_000;
const tool: Tool = { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };

class FakeConnection {
  readonly id = 'tools';
  isClosed = false;
  running = 0;
  resets = 0;
  answer: () => Promise<Tool[]> = () => Promise.resolve([tool]);
  listTools = (): Promise<Tool[]> => this.answer();
  reset = (): void => void this.resets++;
}

describe(HealthMonitor.name, () => {
  const connection = new FakeConnection();
  const put = vi.fn((_server: string, _value: unknown) => Promise.resolve());
  const remove = vi.fn((_server: string) => Promise.resolve());
  let configured: FakeConnection[] = [];
  let monitor: HealthMonitor;

  beforeEach(() => {
    vi.useFakeTimers();
    configured = [connection];
    remove.mockClear();
    connection.resets = 0;
    connection.running = 0;
    connection.answer = () => Promise.resolve([tool]);
    put.mockReset().mockResolvedValue();
    monitor = new HealthMonitor(
      { open: () => ({ put, delete: remove }) } as unknown as Buckets,
      { onReconnect: () => () => undefined } as unknown as Messaging,
      new Metrics(),
      {
        get all() {
          return configured;
        },
        of: (id: string) => configured.find((one) => one.id === id),
        onAdded: () => undefined,
      } as unknown as ConnectionPool,
      new SystemClock(),
      createSilentLogger(),
    );
  });
  afterEach(() => {
    monitor.onApplicationShutdown();
    vi.useRealTimers();
  });

  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round++) await vi.advanceTimersByTimeAsync(ROUND_MS);
  };
  const hang = (): void => {
    connection.answer = () => Promise.reject(new ToolTimeoutError('silence'));
  };

  it('makes a connection anew when an idle server does not answer twice', async () => {
    monitor.onApplicationBootstrap();
    await rounds(1);
    hang();
    await rounds(1);
    expect(connection.resets).toBe(0);
    await rounds(1);
    expect(connection.resets).toBe(1);
    expect(put).toHaveBeenLastCalledWith('tools', expect.objectContaining({ healthy: false, toolCount: 1 }));
  });

  it('gives a server that works on a call two minutes', async () => {
    connection.running = 1;
    monitor.onApplicationBootstrap();
    await rounds(1);
    hang();
    await rounds(7);
    expect(connection.resets).toBe(0);
    await rounds(1);
    expect(connection.resets).toBe(1);
  });

  it('forgets a server that is not configured any more', async () => {
    monitor.onApplicationBootstrap();
    await rounds(1);
    expect(remove).not.toHaveBeenCalled();
    configured = [];
    await rounds(1);
    expect(remove.mock.calls).toEqual([['tools'], ['tools']]);
    expect(monitor.toolsOf('tools')).toBeUndefined();
  });

  it('does not call a server ill because the catalogue can not be written', async () => {
    put.mockRejectedValue(new Error('NATS is away'));
    expect([...(await monitor.refresh(connection as unknown as ServerConnection)).keys()]).toEqual(['look']);
    put.mockResolvedValue();
    await monitor.refresh(connection as unknown as ServerConnection);
    expect(put).toHaveBeenCalledTimes(2);
  });
});
