import { loadConfiguration, type McpServerDefinition } from '@tarsy/config';
import { createSilentLogger } from '@tarsy/observability';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ExecutionConnections } from './execution-connections.js';
import { settingsFor, tellsExecutionsApart } from './execution-settings.js';

function serverWith(transport: string): McpServerDefinition {
  const directory = mkdtempSync(join(tmpdir(), 'tarsy-executions-'));
  writeFileSync(join(directory, 'llm-providers.yaml'), '');
  writeFileSync(join(directory, 'tarsy.yaml'), `mcp_servers: { one: { transport: { type: http, ${transport} } } }`);
  const { mcpServers } = loadConfiguration({ directory, environment: { HOME: '/nowhere' } });
  rmSync(directory, { recursive: true });
  return mcpServers['one']!;
}

const HEADERS = `url: "http://x/mcp", custom_headers: { X-Run: "run {{.SESSION_ID}}", X-Id: "{{ .SESSION_ID }}", X-Team: sre }`;

describe('settings of an execution', () => {
  it('have its id in headers and in the address for the cleanup', () => {
    const { transport } = serverWith(`${HEADERS}, session_cleanup_url: "http://x/sessions/{{.SESSION_ID}}"`);
    expect(tellsExecutionsApart(transport)).toBe(true);
    expect(settingsFor(transport, 'e1')).toMatchObject({
      customHeaders: { 'X-Run': 'run e1', 'X-Id': 'e1', 'X-Team': 'sre' },
      sessionCleanupUrl: 'http://x/sessions/e1',
    });
    expect(settingsFor(transport).customHeaders).toEqual({ 'X-Run': 'run ', 'X-Id': '', 'X-Team': 'sre' });
  });

  it('are those of everybody where no header asks for the id', () => {
    const { transport } = serverWith('url: "http://x/mcp", custom_headers: { X-Team: sre }');
    expect(tellsExecutionsApart(transport)).toBe(false);
    expect(settingsFor(transport, 'e1')).toEqual(transport);
  });
});

describe(ExecutionConnections.name, () => {
  const connections = (mostOpen = 10, idleMs = 60_000): ExecutionConnections =>
    new ExecutionConnections('one', serverWith(HEADERS), createSilentLogger(), mostOpen, idleMs);

  it('gives each execution one connection of its own until it ends', async () => {
    const open = connections();
    const [one, other] = [open.of('e1'), open.of('e2')];
    expect(open.of('e1')).toBe(one);
    expect(other).not.toBe(one);
    open.end('e1');
    expect([one.isClosed, other.isClosed]).toEqual([true, false]);
    await open.close();
    expect(other.isClosed).toBe(true);
  });

  it('closes the one that was not used for the longest time when there are too many', async () => {
    const open = connections(2);
    const [one, two] = [open.of('e1'), open.of('e2')];
    open.of('e1');
    const three = open.of('e3');
    expect([one, two, three].map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
    await open.close();
  });

  it('closes what nobody uses', async () => {
    const open = connections(10, 5);
    const one = open.of('e1');
    await vi.waitFor(() => expect(one.isClosed).toBe(true), { timeout: 5_000, interval: 5 });
    expect(open.of('e1')).not.toBe(one);
    await open.close();
  });

  it('leaves a connection alone while a call runs on it', async () => {
    const open = connections(1, 5);
    const one = open.of('e1');
    vi.spyOn(one, 'running', 'get').mockReturnValue(1);
    open.end('e1');
    const two = open.of('e2');
    expect([one.isClosed, two.isClosed]).toEqual([false, false]);
    await vi.waitFor(() => expect(two.isClosed).toBe(true), { timeout: 5_000, interval: 5 });
    expect(one.isClosed).toBe(false);
    await open.close();
    expect(one.isClosed).toBe(true);
  });
});
