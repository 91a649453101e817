import { serverHealth, toolCatalogue } from '@tarsy/contracts';
import { Buckets } from '@tarsy/messaging';
import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually, EVERYTHING, useBrokers } from './fixture.js';

const fixture = useBrokers();

const everything = { transport: { type: 'stdio', command: process.execPath, args: [EVERYTHING] } };

describe('tool servers over stdio', () => {
  it('are listed in the catalogue with schemas and annotations, and called', async () => {
    await fixture.startBroker({ everything });
    expect(await fixture.call('everything', 'get-sum', { a: 2, b: 40 })).toMatchObject({
      outcome: 'ok',
      isError: false,
      content: expect.stringContaining('42') as string,
      server: 'everything',
      tool: 'get-sum',
    });
    const catalogue = new Buckets(fixture.messaging).open(toolCatalogue);
    const entry = await eventually(() => catalogue.get('everything'));
    expect(entry.tools.find(({ name }) => name === 'get-sum')).toMatchObject({
      description: expect.stringContaining('sum') as string,
      inputSchema: { type: 'object', required: ['a', 'b'] },
    });
    const host = await eventually(() => catalogue.get('host'));
    expect(host.tools).toHaveLength(11);
    expect(host.tools.every(({ annotations }) => annotations.readOnlyHint === true)).toBe(true);
    const health = new Buckets(fixture.messaging).open(serverHealth);
    expect(await eventually(() => health.get('everything'))).toMatchObject({ healthy: true, errorMessage: null });
  });

  it('are masked as configured before anything leaves the broker', async () => {
    const masked = { ...fixture.toolServer(), data_masking: { enabled: true, pattern_groups: ['secrets'] } };
    await fixture.startBroker({ masked });
    const { content } = await fixture.call('masked', 'secret');
    expect(content).toContain('password');
    expect(content).not.toContain('hunter2');
  });

  it('may print what they like on standard output', async () => {
    await fixture.startBroker({ tools: fixture.toolServer({ NOISY: 'yes' }) });
    expect(await fixture.call('tools', 'look', { key: 'a' })).toMatchObject({ outcome: 'ok', content: 'look a done' });
  });

  it('get the environment they are configured to get, and little else', async () => {
    process.env['TARSY_TEST_SECRET'] = 'not for children';
    await fixture.startBroker({ tools: fixture.toolServer({ GREETING: 'hello' }) });
    const { content } = await fixture.call('tools', 'environment');
    const names = new Set(Object.keys(JSON.parse(content) as object));
    expect(names).toContain('GREETING');
    expect(names).toContain('PATH');
    for (const harmless of ['GREETING', 'RUNS_FOLDER', 'PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'LOGNAME', 'SHELL', 'TERM', 'USER']) names.delete(harmless); // prettier-ignore
    expect([...names]).toEqual([]);
    delete process.env['TARSY_TEST_SECRET'];
  });

  it('of our own obey the allow-list that the broker was given', async () => {
    const allowed = process.env['TARSY_HOST_PROBE_ALLOW'];
    process.env['TARSY_HOST_PROBE_ALLOW'] = 'shop.example:443';
    await fixture.startBroker({});
    const { outcome, content } = await fixture.call('host', 'http_probe', { url: 'http://127.0.0.1/' });
    if (allowed === undefined) delete process.env['TARSY_HOST_PROBE_ALLOW'];
    else process.env['TARSY_HOST_PROBE_ALLOW'] = allowed;
    expect(outcome).toBe('tool_error');
    expect(content).toContain('(shop.example:443)');
  });

  it('that are down at the start are said to be, and used once they are up', async () => {
    const down = join(fixture.folder, 'down');
    writeFileSync(down, '');
    await fixture.startBroker({ tools: fixture.toolServer() });
    expect(await fixture.call('tools', 'pid')).toMatchObject({
      outcome: 'unavailable',
      isError: true,
      content: expect.stringContaining('Tool server unavailable') as string,
    });
    const health = new Buckets(fixture.messaging).open(serverHealth);
    const seen = await eventually(async () => {
      const told = await health.get('tools');
      return told?.healthy === false ? told : undefined;
    });
    expect(seen).toMatchObject({ toolCount: 0 });
    rmSync(down);
    expect(await fixture.call('tools', 'pid')).toMatchObject({ outcome: 'ok' });
  });
});

describe('a call', () => {
  it('that the tool answers with an error is an error result', async () => {
    await fixture.startBroker({ tools: fixture.toolServer() });
    expect(await fixture.call('tools', 'fail')).toMatchObject({
      outcome: 'tool_error',
      isError: true,
      content: 'permission denied',
    });
    const { outcome, content } = await fixture.call('tools', 'look', { kee: 1 });
    expect(outcome).toBe('tool_error');
    expect(content).toContain('key');
  });

  it('of a tool that the server has not says which ones it has', async () => {
    await fixture.startBroker({ tools: fixture.toolServer() });
    const { outcome, content } = await fixture.call('tools', 'format_disk');
    expect(outcome).toBe('not_found');
    expect(content).toContain('tools has no tool "format_disk". Available: big, change, ');
  });

  it('that takes too long is given up, and says that it may have run', async () => {
    await fixture.startBroker({ tools: fixture.toolServer() });
    const result = await fixture.call('tools', 'look', { key: 'slow', hold: true }, { timeoutMs: 300 });
    expect(result).toMatchObject({ outcome: 'timeout', content: expect.stringContaining('within 0.3 s') as string });
    expect(await fixture.call('tools', 'pid')).toMatchObject({ outcome: 'ok' });
  });

  it('with a result of 5 MB gives its first part and says so', async () => {
    await fixture.startBroker({ tools: fixture.toolServer() });
    const { outcome, content } = await fixture.call('tools', 'big', { bytes: 5_000_000 });
    expect(outcome).toBe('ok');
    expect(content.length).toBeGreaterThan(1_000_000);
    expect(content.length).toBeLessThan(1_100_000);
    expect(content.slice(-200)).toMatch(/x{99}\n\[cut: the answer has 5000000 bytes]$/);
  });

  it('shares its server with at most nine others of the same broker', async () => {
    await fixture.startBroker({ tools: fixture.toolServer() });
    await fixture.call('tools', 'pid');
    const calls = await Promise.all(Array.from({ length: 30 }, () => fixture.request('tools', 'together', { ms: 50 })));
    const results = await Promise.all(calls.map(fixture.resultOf));
    expect(Math.max(...results.map(({ content }) => Number(content)))).toBe(10);
  });

  it('goes to one of the brokers that share a queue, and to one only', async () => {
    const servers = { tools: fixture.toolServer() };
    await Promise.all([fixture.startBroker(servers), fixture.startBroker(servers)]);
    const calls = await Promise.all(
      Array.from({ length: 25 }, (_, key) => fixture.request('tools', 'change', { key: `k${key}`, hold: true })),
    );
    const pids = (): string[] =>
      calls.flatMap((_, key) => fixture.runsOf(`k${key}`).map((line) => line.split(' ')[2]!));
    await eventually(() => new Set(pids()).size === 2);
    calls.forEach((_, key) => fixture.release(`k${key}`));
    const results = await Promise.all(calls.map(fixture.resultOf));
    expect(results.map(({ outcome }) => outcome)).toEqual(calls.map(() => 'ok'));
    expect(pids()).toHaveLength(25);
  });
});
