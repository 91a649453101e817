import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { freePort } from '../../../tools/cli/src/servers/ports.js';
import { eventually, EVERYTHING, TOOL_SERVER, useBrokers, type ServerSettings } from './fixture.js';

const fixture = useBrokers();

const at = (port: number): ServerSettings => ({ transport: { type: 'http', url: `http://127.0.0.1:${port}/mcp` } });

async function answers(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/mcp`).then(() => true, () => false); // prettier-ignore
}

async function startToolServer(port: number): Promise<ReturnType<typeof fixture.spawnProgram>> {
  const server = fixture.spawnProgram(TOOL_SERVER, [], { HTTP_PORT: String(port), RUNS_FOLDER: fixture.folder });
  await once(server, 'message');
  return server;
}

describe('tool servers over streamable HTTP', () => {
  it('are listed and called', async () => {
    const port = await freePort();
    fixture.spawnProgram(EVERYTHING, ['streamableHttp'], { PORT: String(port) });
    await eventually(() => answers(port));
    await fixture.startBroker({ everything: at(port) });
    const results = await Promise.all([1, 2, 3].map((b) => fixture.call('everything', 'get-sum', { a: 1, b })));
    expect(results.map(({ outcome, content }) => [outcome, /\d+(?=\.$)/.exec(content)?.[0]])).toEqual(
      [['ok', '2'], ['ok', '3'], ['ok', '4']], // prettier-ignore
    );
  });

  it('that were restarted have forgotten their sessions, which no caller sees', async () => {
    const port = await freePort();
    const first = await startToolServer(port);
    await fixture.startBroker({ tools: at(port) });
    expect(await fixture.call('tools', 'change', { key: 'a' })).toMatchObject({ outcome: 'ok' });
    first.kill('SIGKILL');
    await once(first, 'exit');
    await startToolServer(port);
    expect(await fixture.call('tools', 'change', { key: 'b' })).toMatchObject({ outcome: 'ok' });
    expect(fixture.runsOf('b')).toHaveLength(1);
  });

  it('that end in the middle of calls: reads are repeated, others are unknown, at once', async () => {
    const port = await freePort();
    const first = await startToolServer(port);
    await fixture.startBroker({ tools: at(port) });
    const look = await fixture.request('tools', 'look', { key: 'look', hold: true }, { timeoutMs: 120_000 });
    const change = await fixture.request('tools', 'change', { key: 'change', hold: true }, { timeoutMs: 120_000 });
    await eventually(() => fixture.runsOf('look').length + fixture.runsOf('change').length === 2);
    first.kill('SIGKILL');
    await once(first, 'exit');
    fixture.release('look');
    const second = startToolServer(port);
    expect(await fixture.resultOf(change)).toMatchObject({ outcome: 'unknown' });
    await second;
    // The one retry may have come before the new server listened.
    expect((await fixture.resultOf(look)).outcome).toMatch(/ok|unavailable/);
    expect(fixture.runsOf('change')).toHaveLength(1);
  });

  it('that are away are unavailable, and used once they are back', async () => {
    const port = await freePort();
    await fixture.startBroker({ tools: at(port) });
    expect(await fixture.call('tools', 'change', { key: 'a' })).toMatchObject({ outcome: 'unavailable' });
    await startToolServer(port);
    expect(await fixture.call('tools', 'change', { key: 'b' })).toMatchObject({ outcome: 'ok' });
  });

  it('that refuse the credentials are unavailable, and are not asked again for the same call', async () => {
    const port = await freePort();
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization ?? '');
      response.writeHead(401).end('who are you?');
    }).listen(port, '127.0.0.1');
    const transport = { type: 'http', url: `http://127.0.0.1:${port}/mcp`, bearer_token: 'wrong' };
    await fixture.startBroker({ tools: { transport } });
    const { outcome, content } = await fixture.call('tools', 'look', { key: 'a' });
    expect(outcome).toBe('unavailable');
    expect(content).not.toContain('wrong');
    expect(new Set(asked)).toEqual(new Set(['Bearer wrong']));
    server.close();
  });

  it('are reached through the proxy of the environment, where it is to be used', async () => {
    const port = await freePort();
    await startToolServer(port);
    const asked: string[] = [];
    const proxy = createServer().on('connect', (request, client) => {
      asked.push(request.url!);
      const target = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 Connection Established\r\n\r\n'));
      target.pipe(client).pipe(target);
      for (const socket of [target, client]) socket.on('error', () => client.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    const transport = { type: 'http', url: 'http://tools.example:8000/mcp' };
    await fixture.startBroker({ tools: { transport } });
    expect(await fixture.call('tools', 'change', { key: 'proxied' })).toMatchObject({ outcome: 'ok' });
    expect(new Set(asked)).toEqual(new Set(['tools.example:8000']));
    vi.unstubAllEnvs();
    proxy.close();
  });
});
