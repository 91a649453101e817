import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchRunbook, type RunbookRules } from './fetch-runbook.js';
import { checkedUrl, isPrivateAddress, mayHaveToken, rawUrlOf } from './runbook-address.js';

describe(isPrivateAddress.name, () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '::1', '::'],
    ...['fd00::1', 'fe80::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', 'no address'],
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['140.82.121.4', '172.32.0.1', '2606:50c0:8000::154', '::ffff:140.82.121.4'])('%s is not', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe('addresses of runbooks', () => {
  it.each(['https://GitHub.com/a', 'http://www.github.com:8080/a'])('%s is allowed', (url) => {
    expect(checkedUrl(url, ['github.com']).href).toContain('/a');
  });

  it.each(['ftp://github.com/a', 'github.com/a', 'https://evil.com/github.com', 'https://github.com.evil.com/a', 'https://gist.github.com/a'])(
    '%s is not',
    (url) => expect(() => checkedUrl(url, ['github.com'])).toThrow(/not allowed|no http/),
  ); // prettier-ignore

  it('of a page of GitHub lead to the file', () => {
    const raw = 'https://raw.githubusercontent.com/o/r/main/a/b.md';
    expect(rawUrlOf(new URL('https://github.com/o/r/blob/main/a/b.md')).href).toBe(raw);
    expect(rawUrlOf(new URL('https://github.com/o/r/tree/main/a/b.md')).href).toBe(raw);
    expect(rawUrlOf(new URL(raw)).href).toBe(raw);
    expect(rawUrlOf(new URL('https://github.com/o/r')).href).toBe('https://github.com/o/r');
  });

  it('get a token only when they are GitHub’s own', () => {
    expect(mayHaveToken(new URL('https://raw.githubusercontent.com/a'))).toBe(true);
    expect(mayHaveToken(new URL('http://raw.githubusercontent.com/a'))).toBe(false);
    expect(mayHaveToken(new URL('https://git.example.com/a'))).toBe(false);
  });
});

describe(fetchRunbook.name, () => {
  let server: Server;
  let base: string;
  const seen: IncomingHttpHeaders[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.headers);
      const at = (path: string): string => `${base}${path}`;
      const redirects: Record<string, string> = { '/moved': at('/runbook'), '/away': 'http://evil.example.com/', '/loop': at('/loop') }; // prettier-ignore
      const target = redirects[request.url!];
      if (target !== undefined) return response.writeHead(302, { location: target }).end();
      if (request.url === '/missing') return response.writeHead(404).end();
      if (request.url === '/large') return response.writeHead(200).end('x'.repeat(1024 * 1024 + 1));
      response.writeHead(200).end('# Clean the disk');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const rules: RunbookRules = { allowedDomains: ['localhost'], allowPrivateAddresses: true, token: 'secret' };
  const fetchFrom = (path: string, changes: Partial<RunbookRules> = {}): Promise<string> =>
    fetchRunbook(`${base}${path}`, { ...rules, ...changes }, new AbortController().signal);

  it('reads the text, also after a redirect, and keeps the token to itself', async () => {
    expect(await fetchFrom('/runbook')).toBe('# Clean the disk');
    expect(await fetchFrom('/moved')).toBe('# Clean the disk');
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['/away', {}, 'host evil.example.com is not allowed'],
    ['/loop', {}, 'more than 5 redirects'],
    ['/missing', {}, 'answered 404'],
    ['/large', {}, 'more than 1048576 bytes'],
    ['/runbook', { allowPrivateAddresses: false }, 'is a private address'],
  ])('refuses %s with %j', async (path, changes, message) => {
    await expect(fetchFrom(path, changes)).rejects.toThrow(message);
  });

  it('refuses an address that needs no look-up', async () => {
    const { port } = server.address() as AddressInfo;
    const strict = { allowedDomains: ['127.0.0.1'], allowPrivateAddresses: false };
    await expect(fetchRunbook(`http://127.0.0.1:${port}/`, strict, new AbortController().signal)).rejects.toThrow('private'); // prettier-ignore
  });
});
