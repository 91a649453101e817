import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbeddingModel, type EmbeddingReference } from './create-embedding-model.js';
import { HashingEmbeddingModel } from './hashing-embedding-model.js';

const NEVER = new AbortController().signal;
const cosine = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, index) => sum + value * right[index]!, 0);

describe(HashingEmbeddingModel.name, () => {
  const embed = async (...texts: string[]): Promise<number[][]> => await new HashingEmbeddingModel(256).embed(texts);

  it('gives the same text the same vector of length 1', async () => {
    const [first, second] = await embed('The disk /var is full', 'The disk /var is full');
    expect(first).toEqual(second);
    expect(first).toHaveLength(256);
    expect(Math.hypot(...first!)).toBeCloseTo(1, 10);
  });

  it('brings texts together that share words, or parts of them', async () => {
    const [disk, same, parts, other] = await embed(
      'disk full on node-1, logs were not rotated',
      'the disk of node-1 is full: rotated logs',
      'disks fuller, log rotation',
      'certificate of the payment gateway expires tomorrow',
    );
    expect(cosine(disk!, same!)).toBeGreaterThan(0.5);
    expect(cosine(disk!, parts!)).toBeGreaterThan(cosine(disk!, other!) + 0.1);
    expect(Math.abs(cosine(disk!, other!))).toBeLessThan(0.25);
  });

  it('reads every script, and an empty text', async () => {
    const [umlauts, chinese, empty] = await embed('Größe überschritten', '磁盘 已满', ' - ');
    for (const vector of [umlauts!, chinese!]) expect(Math.hypot(...vector)).toBeCloseTo(1, 10);
    expect(empty!.every((value) => value === 0)).toBe(true);
  });
});

describe('embeddings of a vendor', () => {
  let server: Server;
  let requests: { path: string; authorization: string | undefined; body: Record<string, unknown> }[];
  let answer: (path: string, body: Record<string, unknown>) => { status?: number; body: unknown };

  beforeEach(async () => {
    requests = [];
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
        const key = request.headers['x-goog-api-key'] ?? request.headers.authorization;
        requests.push({ path: request.url!, authorization: String(key), body });
        const { status = 200, body: answered } = answer(request.url!, body);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());

  const model = (changes: Partial<EmbeddingReference>): ReturnType<typeof createEmbeddingModel> => {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    return createEmbeddingModel({ provider: 'openai', model: 'm', dimensions: 2, apiKeyEnv: 'KEY', baseUrl, ...changes }, { KEY: 'k' }); // prettier-ignore
  };

  it('come from OpenAI in the order of the texts', async () => {
    answer = () => ({ body: { data: [{ index: 1, embedding: [0, 2] }, { index: 0, embedding: [3, 4] }] } }); // prettier-ignore
    expect(await model({}).embed(['a', 'b'], NEVER)).toEqual([[0.6, 0.8], [0, 1]]); // prettier-ignore
    expect(requests).toMatchObject([{ path: '/v1/embeddings', authorization: 'Bearer k', body: { input: ['a', 'b'], dimensions: 2 } }]); // prettier-ignore
  });

  it('come from Ollama without a key, as long as the model makes them', async () => {
    answer = () => ({ body: { data: [{ index: 0, embedding: [1, 0] }] } });
    const { apiKeyEnv: _none, ...keyless } = { apiKeyEnv: undefined };
    expect(await model({ provider: 'ollama', ...keyless }).embed(['a'], NEVER)).toEqual([[1, 0]]);
    expect(requests[0]!.body).not.toHaveProperty('dimensions');
  });

  it('come from Google', async () => {
    answer = (_path, body) => {
      const values = JSON.stringify(body).includes('"b"') ? [0, 5] : [5, 0];
      return { body: { embedding: { values }, embeddings: [{ values }] } };
    };
    expect(await model({ provider: 'google', model: 'gemini-embedding-2-preview' }).embed(['a', 'b'], NEVER)).toEqual([[1, 0], [0, 1]]); // prettier-ignore
    expect(requests).toHaveLength(2);
    expect(requests[0]).toMatchObject({
      authorization: 'k',
      path: expect.stringContaining('gemini-embedding-2-preview'),
    });
    expect(JSON.stringify(requests[0]!.body)).toContain('"outputDimensionality":2');
  });

  it.each(['openai', 'google'] as const)('fail with our errors, without a second request (%s)', async (provider) => {
    answer = () => ({ status: 429, body: { error: { message: 'slow down', code: 429 } } });
    await expect(model({ provider }).embed(['a'], NEVER)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(requests).toHaveLength(1);
  });

  it('need a key where one is named', () => {
    expect(() => createEmbeddingModel({ provider: 'google', model: 'm', dimensions: 2, apiKeyEnv: 'KEY' }, {})).toThrow('KEY is not set'); // prettier-ignore
  });
});
