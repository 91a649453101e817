import { repositoryFolderOf } from '@tarsy/config';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contentsUrlOf, mayHaveToken } from './github-api.js';
import { listRunbooks, type ListingRules } from './list-runbooks.js';

describe(contentsUrlOf.name, () => {
  it('names the folder in the path and the reference beside it', () => {
    const folder = repositoryFolderOf('https://github.com/acme/runbooks/tree/a%26b/sre')!;
    const url = contentsUrlOf('https://git.example.com/api/v3', folder, 'sre/on call');
    expect(url.href).toBe('https://git.example.com/api/v3/repos/acme/runbooks/contents/sre/on%20call?ref=a%26b');
  });
});

describe(mayHaveToken.name, () => {
  it.each([
    ['https://api.github.com/repos/a/b', true],
    ['http://api.github.com/repos/a/b', false],
    ['https://api.github.com:8443/repos/a/b', false],
    ['https://api.github.com.evil.example/', false],
    ['https://git.example.com/api/v3/repos/a/b', false],
  ])('%s: %s', (url, expected) => expect(mayHaveToken(new URL(url))).toBe(expected));
});

describe(listRunbooks.name, () => {
  let server: Server;
  let apiUrl: string;
  let answers: Record<string, unknown>;
  const seen: IncomingMessage[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request);
      const answer = answers[request.url!.replace('?ref=main', '')];
      if (answer === undefined) return response.writeHead(404).end('{"message": "Not Found"}');
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    answers = {};
    seen.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const pageOf = (path: string): string => `https://github.com/acme/runbooks/blob/main/${path}`;
  const file = (path: string): object => ({ type: 'file', name: path.split('/').at(-1), path, html_url: pageOf(path) });
  const directory = (path: string): object => ({ ...file(path), type: 'dir' });
  const list = async (changes: Partial<ListingRules> = {}): Promise<string[]> => {
    const folder = repositoryFolderOf('https://github.com/acme/runbooks/tree/main/sre')!;
    const rules = { apiUrl, token: 'secret', isAllowed: () => true, ...changes };
    return await listRunbooks(folder, rules, new AbortController().signal);
  };
  const CONTENTS = '/repos/acme/runbooks/contents';

  it('finds Markdown in the folder and below it, and sends no token to another host', async () => {
    answers[`${CONTENTS}/sre`] = [file('sre/b.md'), file('sre/a.MD'), file('sre/logo.png'), directory('sre/disks')];
    answers[`${CONTENTS}/sre/disks`] = [file('sre/disks/full.md'), { ...file('sre/disks/x.md'), type: 'symlink' }];
    expect(await list()).toEqual([pageOf('sre/a.MD'), pageOf('sre/b.md'), pageOf('sre/disks/full.md')]);
    expect(seen.map(({ url }) => url)).toEqual([`${CONTENTS}/sre?ref=main`, `${CONTENTS}/sre/disks?ref=main`]);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it('leaves out what no alert may name', async () => {
    const elsewhere = { ...file('sre/b.md'), html_url: 'https://evil.example/b.md' };
    answers[`${CONTENTS}/sre`] = [file('sre/a.md'), elsewhere, { ...file('sre/c.md'), html_url: null }];
    expect(await list({ isAllowed: (url) => url.startsWith('https://github.com/') })).toEqual([pageOf('sre/a.md')]);
  });

  it('lists a repository that has no end up to a limit', async () => {
    answers[`${CONTENTS}/sre`] = Array.from({ length: 3_000 }, (_, index) => file(`sre/${index}.md`));
    expect(await list()).toHaveLength(2_000);
    answers = new Proxy({}, { get: (_, path: string) => [directory(`${path.slice(CONTENTS.length + 1)}/x`)] });
    seen.length = 0;
    expect(await list()).toEqual([]);
    expect(seen).toHaveLength(500);
  });

  it('says what went wrong', async () => {
    await expect(list()).rejects.toThrow(`${CONTENTS}/sre answered 404`);
    answers[`${CONTENTS}/sre`] = file('sre');
    await expect(list()).rejects.toThrow('is no folder');
    await expect(list({ apiUrl: 'http://127.0.0.1:1' })).rejects.toThrow('127.0.0.1:1: ');
  });
});
