import type { ModelReference } from '@tarsy/contracts';
import { startModelServer, type ModelServer } from '@tarsy/testing';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLanguageModel } from '../../create-language-model.js';
import type {
  ConversationMessage,
  LanguageModel,
  LanguageModelEvent,
  LanguageModelRequest,
} from '../../language-model.js';
import { AnthropicLanguageModel } from './anthropic-language-model.js';
import { mapStream } from './map-stream.js';
import { thinkingModeOf, thinkingParameters } from './thinking.js';

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(async () => {
  await server.close();
});

const modelAt = (changes: Partial<ModelReference> = {}): LanguageModel =>
  createLanguageModel(
    { provider: 'p', type: 'anthropic', model: 'claude-sonnet-5', backend: 'langchain', baseUrl: `${server.origin}/v1`, apiKeyEnv: 'KEY', nativeTools: {}, ...changes }, // prettier-ignore
    { KEY: 'key-1' },
  );

async function bodyOf(
  messages: ConversationMessage[],
  changes: Partial<LanguageModelRequest> = {},
): Promise<Record<string, unknown>> {
  server.script({ name: 'script', turns: () => ({ text: 'ok' }) });
  await collect(modelAt().stream({ executionId: 'e', messages, tools: [], interactionType: 'iteration', ...changes }, new AbortController().signal)); // prettier-ignore
  return server.requests.at(-1)!.body;
}

async function collect(events: AsyncIterable<LanguageModelEvent>): Promise<LanguageModelEvent[]> {
  const collected: LanguageModelEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

const ask: ConversationMessage[] = [
  { role: 'system', content: 'rules' },
  { role: 'user', content: 'alert' },
];
const called: ConversationMessage[] = [
  ...ask,
  {
    role: 'assistant',
    text: ' ',
    toolCalls: [
      { callId: '1-1', vendorCallId: 'a', name: 's__one', argumentsText: '' },
      { callId: '1-2', vendorCallId: 'b', name: 's__two', argumentsText: '{"x":1}' },
    ],
  },
  { role: 'tool', callId: '1-1', vendorCallId: 'a', name: 's__one', content: '', isError: false },
  { role: 'tool', callId: '1-2', vendorCallId: 'b', name: 's__two', content: 'no', isError: true },
  { role: 'user', content: 'go on' },
];
const CACHED = { cache_control: { type: 'ephemeral' } };

describe(AnthropicLanguageModel.name, () => {
  it('marks the system prompt and the end of the conversation for the cache', async () => {
    const body = await bodyOf(ask);
    expect(body['system']).toEqual([{ type: 'text', text: 'rules', ...CACHED }]);
    expect(body['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: 'alert', ...CACHED }] }]);
    expect(server.requests[0]!.headers).toMatchObject({ authorization: 'Bearer key-1' });
  });

  it('puts all results of an answer, and what follows, into one message', async () => {
    const body = await bodyOf(called);
    expect((body['messages'] as unknown[]).slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 's__one', input: {} },
          { type: 'tool_use', id: 'b', name: 's__two', input: { x: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', is_error: false },
          { type: 'tool_result', tool_use_id: 'b', is_error: true, content: 'no' },
          { type: 'text', text: 'go on', ...CACHED },
        ],
      },
    ]);
  });

  it('declares the tools of the history where none may be called any more', async () => {
    const body = await bodyOf(called);
    expect(body['tool_choice']).toEqual({ type: 'none' });
    expect(body['tools']).toMatchObject([{ name: 's__one' }, { name: 's__two' }]);
    expect(await bodyOf(ask)).not.toHaveProperty('tools');
  });

  it('counts what it wrote to the cache', async () => {
    server.script({ name: 's', turns: [{ text: 'ok', usage: { inputTokens: 50, cachedInputTokens: 20, cacheWriteInputTokens: 25, outputTokens: 3 } }] }); // prettier-ignore
    const events = await collect(modelAt().stream({ executionId: 'e', messages: ask, tools: [], interactionType: 'iteration' }, new AbortController().signal)); // prettier-ignore
    expect(events.at(-1)).toMatchObject({
      usage: { inputTokens: 50, cachedInputTokens: 20, cacheWriteInputTokens: 25 },
    });
  });

  it('keeps thinking that the vendor hides', async () => {
    server.script({ name: 's', turns: [{ signature: 'hidden', toolCalls: [{ name: 's__one', arguments: {} }] }] });
    const events = await collect(modelAt().stream({ executionId: 'e', messages: ask, tools: [], interactionType: 'iteration' }, new AbortController().signal)); // prettier-ignore
    expect(events.at(-1)).toMatchObject({
      vendorState: { source: 'p/claude-sonnet-5', data: [{ type: 'redacted_thinking', data: 'hidden' }] },
    });
  });

  it('gives thinking back in its place among texts and calls', async () => {
    const thinking = { type: 'thinking', thinking: '', signature: '' };
    const start = (block: object) => ({ type: 'content_block_start', content_block: block });
    const stop = { type: 'content_block_stop' };
    const thought = (signature: string): object[] => [start({ ...thinking, signature }), { type: 'content_block_delta', delta: { type: 'signature_delta', signature } }, stop]; // prettier-ignore
    const events = [
      ...thought('first'),
      start({ type: 'text', text: 'I look.' }),
      stop,
      ...thought('second'),
      start({ type: 'tool_use', id: 'a', name: 's__one', input: {} }),
      stop,
      { type: 'message_stop' },
    ];
    const mapping = { toolNameOf: (name: string) => name, makeId: () => 'made-up', source: 'p/claude-sonnet-5' };
    const finish = (await collect(mapStream(Readable.from(events), mapping))).at(-1);
    const { vendorState } = finish as LanguageModelEvent & { type: 'finish' };
    const toolCalls = [{ callId: '1-1', vendorCallId: 'a', name: 's__one', argumentsText: '' }];
    const answer = { role: 'assistant' as const, text: 'I look.', toolCalls, ...(vendorState ? { vendorState } : {}) };
    const result = { role: 'tool' as const, callId: '1-1', vendorCallId: 'a', name: 's__one', content: 'x', isError: false }; // prettier-ignore
    const { messages } = await bodyOf([...ask, answer, result]);
    expect((messages as { content: unknown }[])[1]!.content).toEqual([
      { ...thinking, signature: 'first' },
      { type: 'text', text: 'I look.' },
      { ...thinking, signature: 'second' },
      { type: 'tool_use', id: 'a', name: 's__one', input: {} },
    ]);
  });

  it('leaves thinking out that led to no call', async () => {
    const vendorState = { source: 'p/claude-sonnet-5', data: [{ type: 'thinking', thinking: 'hm', signature: 's' }] };
    const { messages } = await bodyOf([...ask, { role: 'assistant', text: '', toolCalls: [], vendorState }, { role: 'user', content: 'go on' }]); // prettier-ignore
    expect(messages).toMatchObject([{ role: 'user', content: [{ text: 'alert' }, { text: 'go on' }] }]);
  });

  it('does not ask for thinking about calls of a model that did not think, where that is refused', async () => {
    server.script({ name: 's', turns: () => ({ text: 'ok' }) });
    const model = modelAt({ model: 'claude-haiku-4-5' });
    const answered = called.slice(0, -1);
    const conversations = [answered, [...answered, { role: 'assistant', text: 'done', toolCalls: [] }, { role: 'user', content: 'and now?' }]]; // prettier-ignore
    for (const messages of conversations as ConversationMessage[][])
      await collect(model.stream({ executionId: 'e', messages, tools: [], interactionType: 'iteration' }, new AbortController().signal)); // prettier-ignore
    expect(server.requests.map(({ body }) => body['thinking'])).toEqual([
      undefined,
      { type: 'enabled', budget_tokens: 32_000 },
    ]);
  });

  it('asks for less where a model refuses, and remembers it', async () => {
    const refuse = (message: string): { error: { status: number; body: { message: string } } } => ({ error: { status: 400, body: { message } } }); // prettier-ignore
    server.script({
      name: 's',
      turns: [
        refuse('max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens'),
        refuse('adaptive thinking is not supported on this model'),
        { text: 'ok' },
        { text: 'ok' },
      ],
    });
    const model = modelAt({ model: 'claude-of-tomorrow' });
    for (let call = 0; call < 2; call++)
      await collect(model.stream({ executionId: 'e', messages: ask, tools: [], interactionType: 'iteration' }, new AbortController().signal)); // prettier-ignore
    expect(server.requests).toHaveLength(4);
    const budget = { max_tokens: 32_000, thinking: { type: 'enabled', budget_tokens: 16_000 } };
    expect(server.requests[2]!.body).toMatchObject(budget);
    expect(server.requests[3]!.body).toMatchObject(budget);
  });
});

describe(thinkingModeOf.name, () => {
  it.each([
    ['claude-3-5-haiku-latest', 'none'],
    ['claude-3-7-sonnet-20250219', 'budget'],
    ['claude-sonnet-4-20250514', 'budget'],
    ['claude-opus-4-1@20250805', 'budget'],
    ['claude-haiku-4-5', 'budget'],
    ['claude-opus-4-6', 'adaptive'],
    ['claude-sonnet-5', 'adaptive'],
  ])('knows %s as %s', (model, mode) => {
    expect(thinkingModeOf(model)).toBe(mode);
  });

  it('asks for 32,000 tokens of thinking in answers of 64,000', () => {
    expect(thinkingParameters('budget')).toEqual({ max_tokens: 64_000, thinking: { type: 'enabled', budget_tokens: 32_000 } }); // prettier-ignore
  });
});
