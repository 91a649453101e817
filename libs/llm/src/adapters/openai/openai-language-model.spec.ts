import type { ModelReference } from '@tarsy/contracts';
import { startModelServer, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLanguageModel } from '../../create-language-model.js';
import type { ConversationMessage, LanguageModelEvent, LanguageModelRequest } from '../../language-model.js';
import { OpenAiLanguageModel } from './openai-language-model.js';

let server: ModelServer;

const referenceTo = (baseUrl: string): ModelReference => ({
  provider: 'local',
  type: 'openai',
  model: 'scripted',
  backend: 'langchain',
  baseUrl,
  apiKeyEnv: 'LOCAL_KEY',
  nativeTools: {},
});

const requestOf = (changes: Partial<LanguageModelRequest> = {}): LanguageModelRequest => ({
  executionId: 'e1',
  messages: [{ role: 'user', content: 'what is wrong?' }],
  tools: [],
  interactionType: 'iteration',
  ...changes,
});

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const never = new AbortController().signal;

async function eventsOf(request = requestOf(), signal = never): Promise<LanguageModelEvent[]> {
  const model = createLanguageModel(referenceTo(server.url), { LOCAL_KEY: 'key-1' });
  return await collect(model.stream(request, signal));
}

const play = (...turns: ModelTurn[]): void => server.script({ name: 'script', turns });
const joined = (events: LanguageModelEvent[], type: 'text-delta' | 'thinking-delta'): string =>
  events.map((event) => (event.type === type ? event.text : '')).join('');

beforeEach(async () => {
  server = await startModelServer();
});
afterEach(async () => {
  await server.close();
});

describe(OpenAiLanguageModel.name, () => {
  it('streams thinking and text piece by piece, then usage', async () => {
    play({
      thinking: 'let me see',
      text: 'the disk is full: größe ✓',
      pieces: 5,
      usage: { inputTokens: 12, outputTokens: 7, thinkingTokens: 3, cachedInputTokens: 2 },
    });
    const events = await eventsOf();
    expect(joined(events, 'thinking-delta')).toBe('let me see');
    expect(joined(events, 'text-delta')).toBe('the disk is full: größe ✓');
    expect(events.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(2);
    expect(events.at(-1)).toEqual({
      type: 'finish',
      stopReason: 'stop',
      usage: { inputTokens: 12, outputTokens: 7, thinkingTokens: 3, cachedInputTokens: 2 },
    });
  });

  it('reads thinking under the other name servers use, and does without usage', async () => {
    play({ thinking: 'hm', thinkingKey: 'reasoning', text: 'ok', usage: null });
    const events = await eventsOf();
    expect(joined(events, 'thinking-delta')).toBe('hm');
    expect(events.at(-1)).toMatchObject({ type: 'finish', usage: null });
  });

  it('puts tool calls together that arrive in pieces', async () => {
    play({
      text: 'I look.',
      toolCalls: [
        { name: 'host__disk_usage', arguments: { path: '/var/lib/postgresql', depth: 2 } },
        { id: null, name: 'host__cpu', arguments: '' },
      ],
      pieces: 7,
    });
    const events = await eventsOf();
    const calls = events.filter((event) => event.type === 'tool-call');
    expect(calls).toEqual([
      {
        type: 'tool-call',
        vendorCallId: 'call_0_0',
        name: 'host__disk_usage',
        argumentsText: '{"path":"/var/lib/postgresql","depth":2}',
      },
      { type: 'tool-call', vendorCallId: 'call_1_1', name: 'host__cpu', argumentsText: '' },
    ]);
    expect(events.at(-1)).toMatchObject({ stopReason: 'tool-calls' });
  });

  it('sends conversation, tools and key the way the API wants them', async () => {
    play({ text: 'done' });
    const longName = `server__${'x'.repeat(80)}`;
    const messages: ConversationMessage[] = [
      { role: 'system', content: 'rules' },
      { role: 'user', content: 'alert' },
      {
        role: 'assistant',
        text: '',
        thinking: 'secret thoughts',
        toolCalls: [{ callId: '1-1', vendorCallId: 'v1', name: longName, argumentsText: 'path: /var' }],
      },
      { role: 'tool', callId: '1-1', vendorCallId: 'v1', name: longName, content: '91 %', isError: false },
      { role: 'assistant', text: '  ', toolCalls: [] },
      { role: 'user', content: 'go on' },
    ];
    const tools = [{ name: longName, description: 'd', inputSchema: { $schema: 'x', type: 'object' }, readOnly: true }];
    await eventsOf(requestOf({ messages, tools }));
    const { body, headers } = server.requests[0]!;
    const vendorName = body.tools![0]!.function.name;
    expect(vendorName).toMatch(/^[\w-]{1,64}$/);
    expect(headers.authorization).toBe('Bearer key-1');
    expect(body).toMatchObject({ model: 'scripted', stream: true, stream_options: { include_usage: true } });
    expect(body).not.toHaveProperty('reasoning_effort');
    expect(body.messages).toEqual([
      { role: 'system', content: 'rules' },
      { role: 'user', content: 'alert' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'v1', type: 'function', function: { name: vendorName, arguments: '{"input":"path: /var"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'v1', content: '91 %' },
      { role: 'user', content: 'go on' },
    ]);
    expect(body.tools![0]!.function.parameters).toEqual({ type: 'object', properties: {} });
  });

  it('gives tools back the name they are known by', async () => {
    const name = `server__${'y'.repeat(80)}`;
    const tools = [{ name, description: '', inputSchema: {}, readOnly: true }];
    server.script({
      name: 'echo',
      turns: (body) => ({ toolCalls: [{ name: body.tools![0]!.function.name, arguments: {} }] }),
    });
    const events = await eventsOf(requestOf({ tools }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-call', name }));
  });

  it.each([
    [401, {}, {}, { code: 'CREDENTIALS', retryable: false }],
    [403, {}, {}, { code: 'CREDENTIALS' }],
    [429, {}, { 'retry-after': '7' }, { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 7_000 }],
    [429, {}, { 'retry-after-ms': '250' }, { code: 'RATE_LIMITED', retryAfterMs: 250 }],
    [429, { code: 'insufficient_quota' }, {}, { code: 'CREDENTIALS' }],
    [400, { code: 'context_length_exceeded' }, {}, { code: 'CONTEXT_TOO_LONG', retryable: false }],
    [400, { message: 'blocked by content policy' }, {}, { code: 'CONTENT_REFUSED' }],
    [404, { message: 'no such model' }, {}, { code: 'INVALID_REQUEST', retryable: false }],
    [500, {}, {}, { code: 'PROVIDER_ERROR', retryable: true }],
    [503, {}, { 'retry-after': '3' }, { code: 'PROVIDER_ERROR', retryAfterMs: 3_000 }],
  ])('names what HTTP %i %j means', async (status, body, headers, expected) => {
    play({ error: { status, body: { message: 'no', ...body }, headers } });
    await expect(eventsOf()).rejects.toMatchObject(expected);
    expect(server.requests).toHaveLength(1);
  });

  it('tells a broken answer from one that never began', async () => {
    play({ text: 'one two three', breakAfterChunks: 2 }, { text: 'x', breakAfterChunks: 0 });
    await expect(eventsOf()).rejects.toMatchObject({ code: 'PARTIAL_STREAM_ERROR', retryable: true });
    await expect(eventsOf()).rejects.toMatchObject({ code: 'PROVIDER_ERROR', retryable: true });
  });

  it('does not take a stream without an end for an answer', async () => {
    play({ text: 'the cause is', finishReason: null });
    await expect(eventsOf()).rejects.toMatchObject({ code: 'PARTIAL_STREAM_ERROR' });
  });

  it('reads an error that is sent within the stream', async () => {
    play({ errorInStream: { message: 'overloaded' } }, { text: 'so far', errorInStream: { message: 'overloaded' } });
    await expect(eventsOf()).rejects.toMatchObject({ code: 'PROVIDER_ERROR', message: 'local: overloaded' });
    await expect(eventsOf()).rejects.toMatchObject({ code: 'PARTIAL_STREAM_ERROR' });
  });

  it('says that nobody listens at the address', async () => {
    const probe = createServer().listen(0);
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    const model = createLanguageModel(referenceTo(`http://127.0.0.1:${port}/v1`), { LOCAL_KEY: 'k' });
    await expect(collect(model.stream(requestOf(), never))).rejects.toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('closes the connection when the signal aborts in the middle, and throws its reason', async () => {
    play({ text: 'a long answer', stallAfterChunks: 1 });
    const abort = new AbortController();
    const reason = new Error('cancelled by a person');
    const reading = (async () => {
      const model = createLanguageModel(referenceTo(server.url), { LOCAL_KEY: 'k' });
      for await (const event of model.stream(requestOf(), abort.signal))
        if (event.type === 'text-delta') abort.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    const request = await server.request('script', 1);
    await request.closed;
    expect(request.isAborted).toBe(true);
    expect(server.open).toBe(0);
  });

  it('closes the connection when the signal aborts before the first byte', async () => {
    play({ beforeAnswer: new Promise(() => undefined) });
    const abort = new AbortController();
    const reading = eventsOf(requestOf(), abort.signal);
    const request = await server.request('script', 1);
    abort.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await request.closed;
    expect(request.isAborted).toBe(true);
  });

  it('closes the connection when nobody reads on', async () => {
    play({ text: 'a long answer', stallAfterChunks: 2 });
    const model = createLanguageModel(referenceTo(server.url), { LOCAL_KEY: 'k' });
    for await (const _event of model.stream(requestOf(), never)) break;
    const request = await server.request('script', 1);
    await request.closed;
    expect(request.isAborted).toBe(true);
  });

  it('needs a key where one is named, and none for a server of one’s own', () => {
    expect(() => createLanguageModel(referenceTo('http://x/v1'), {})).toThrow('LOCAL_KEY is not set');
    const { apiKeyEnv: _none, ...keyless } = referenceTo('http://x/v1');
    expect(createLanguageModel(keyless, {}).provider).toBe('local');
    const { baseUrl: _default, ...vendor } = keyless;
    expect(() => createLanguageModel(vendor, {})).toThrow('needs a key');
  });
});
