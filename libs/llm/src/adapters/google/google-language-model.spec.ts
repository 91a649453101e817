import type { ModelReference } from '@tarsy/contracts';
import { startModelServer, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLanguageModel } from '../../create-language-model.js';
import type { ConversationMessage, LanguageModelEvent, LanguageModelRequest } from '../../language-model.js';
import { GoogleLanguageModel } from './google-language-model.js';
import { thinkingConfigOf } from './model-family.js';
import { prepareTools } from './prepare-tools.js';
import { ToolNames } from '../tool-names.js';

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(async () => {
  await server.close();
});

const ask: ConversationMessage[] = [{ role: 'user', content: 'alert' }];

async function call(
  turn: ModelTurn,
  changes: Partial<LanguageModelRequest> = {},
  reference: Partial<ModelReference> = {},
): Promise<LanguageModelEvent[]> {
  server.script({ name: 'script', turns: () => turn });
  const model = createLanguageModel(
    { provider: 'p', type: 'google', model: 'gemini-3.7-flash', backend: 'google-native', baseUrl: `${server.origin}/v1beta`, apiKeyEnv: 'KEY', nativeTools: {}, ...reference }, // prettier-ignore
    { KEY: 'key-1' },
  );
  const request = { executionId: 'e', messages: ask, tools: [], interactionType: 'iteration' as const, ...changes };
  const events: LanguageModelEvent[] = [];
  for await (const event of model.stream(request, new AbortController().signal)) events.push(event);
  return events;
}

describe(GoogleLanguageModel.name, () => {
  it('shows searches, pages and code of the vendor’s own tools', async () => {
    const events = await call({
      text: 'It is 42.',
      nativeParts: [
        { executableCode: { language: 'PYTHON', code: 'print(42)' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '42\n' } },
      ],
      nativeMetadata: {
        groundingMetadata: {
          webSearchQueries: ['why 42'],
          groundingChunks: [{ web: { uri: 'https://a', title: 'A' } }],
        },
        urlContextMetadata: { urlMetadata: [{ retrievedUrl: 'https://b', urlRetrievalStatus: 'URL_RETRIEVAL_STATUS_SUCCESS' }] }, // prettier-ignore
      },
    });
    expect(events.filter(({ type }) => type === 'native-tool')).toEqual([
      { type: 'native-tool', use: { tool: 'code_execution', language: 'python', code: 'print(42)', outcome: 'OUTCOME_OK', output: '42\n' } }, // prettier-ignore
      { type: 'native-tool', use: { tool: 'google_search', queries: ['why 42'], sources: [{ uri: 'https://a', title: 'A' }] } }, // prettier-ignore
      { type: 'native-tool', use: { tool: 'url_context', sources: [{ uri: 'https://b', title: 'https://b', status: 'URL_RETRIEVAL_STATUS_SUCCESS' }] } }, // prettier-ignore
    ]);
  });

  it('gives the vendor’s id of a call back with its result, and makes none up', async () => {
    const turn = { signature: 'sig', toolCalls: [{ id: 'g-1', name: 's__one', arguments: { a: 1 } }, { name: 's__two', arguments: {} }] }; // prettier-ignore
    const events = await call(turn);
    const finish = events.at(-1) as LanguageModelEvent & { type: 'finish' };
    const toolCalls = events
      .filter((event) => event.type === 'tool-call')
      .map(({ vendorCallId, name, argumentsText }, index) => ({ callId: `1-${index}`, vendorCallId, name, argumentsText })); // prettier-ignore
    const results = toolCalls.map(({ callId, vendorCallId, name }) => ({ role: 'tool' as const, callId, vendorCallId, name, content: 'r', isError: false })); // prettier-ignore
    await call({ text: 'ok' }, { messages: [...ask, { role: 'assistant', text: '', toolCalls, vendorState: finish.vendorState! }, ...results] }); // prettier-ignore
    expect((server.requests[1]!.body as unknown as { contents: unknown[] }).contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'g-1', name: 's__one', args: { a: 1 } }, thoughtSignature: 'sig' },
          { functionCall: { name: 's__two', args: {} } },
          { text: '' },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'g-1', name: 's__one', response: { output: 'r' } } },
          { functionResponse: { name: 's__two', response: { output: 'r' } } },
        ],
      },
    ]);
  });

  it('says that a call of another model has no signature, where one would be asked for', async () => {
    const toolCalls = [{ callId: '1', vendorCallId: 'x', name: 's__one', argumentsText: '{}' }];
    const result = {
      role: 'tool' as const,
      callId: '1',
      vendorCallId: 'x',
      name: 's__one',
      content: 'r',
      isError: false,
    };
    const messages: ConversationMessage[] = [...ask, { role: 'assistant', text: 'I look', toolCalls }, result];
    await call({ text: 'ok' }, { messages });
    await call({ text: 'ok' }, { messages }, { model: 'gemini-2.5-pro' });
    expect(JSON.stringify(server.requests[0]!.body)).toContain('skip_thought_signature_validator');
    expect(JSON.stringify(server.requests[1]!.body)).not.toContain('skip_thought_signature_validator');
  });

  it('reads how long to wait from the answer where no header says it', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2.5s' }];
    await expect(call({ error: { status: 429, body: { message: 'slow', details } } })).rejects.toMatchObject({ retryAfterMs: 2_500 }); // prettier-ignore
  });

  it('knows a wrong key although the API calls it a bad request', async () => {
    const error = { status: 400, body: { message: 'API key not valid. Please pass a valid API key.' } };
    await expect(call({ error })).rejects.toMatchObject({ code: 'CREDENTIALS' });
  });

  it('offers its own tools only with the backend that knows them', async () => {
    const nativeTools = { google_search: true };
    await call({ text: 'ok' }, {}, { nativeTools });
    await call({ text: 'ok' }, {}, { nativeTools, backend: 'langchain' });
    expect(server.requests[0]!.body.tools).toEqual([{ googleSearch: {} }]);
    expect(server.requests[1]!.body).not.toHaveProperty('tools');
  });
});

describe(prepareTools.name, () => {
  const tools = [{ name: 's__one', description: '', inputSchema: {}, readOnly: true }];
  const nativeTools = { google_search: true, code_execution: false };
  const offered = (model: string, isVertex = false): unknown => {
    const prepared = prepareTools({ model, tools, nativeTools, isVertex }, new ToolNames(tools));
    return { tools: prepared.tools?.map((tool) => Object.keys(tool)[0]), config: prepared.toolConfig };
  };

  it('offers both kinds of tools where the API takes both', () => {
    const both = {
      tools: ['googleSearch', 'functionDeclarations'],
      config: { includeServerSideToolInvocations: true },
    };
    expect(offered('gemini-3.7-flash')).toEqual(both);
  });

  it.each([
    ['gemini-2.5-pro', false],
    ['gemini-3.7-flash', true],
  ])('offers functions alone for %s (Vertex AI: %s)', (model, isVertex) => {
    expect(offered(model, isVertex)).toEqual({ tools: ['functionDeclarations'], config: undefined });
  });

  it('offers an image model nothing', () => {
    expect(offered('gemini-3.1-flash-image')).toEqual({ tools: undefined, config: undefined });
  });
});

describe(thinkingConfigOf.name, () => {
  it.each([
    ['gemini-2.5-pro', { thinkingBudget: 32_768 }],
    ['gemini-2.5-flash', { thinkingBudget: 24_576 }],
    ['gemini-3.1-pro-preview', { thinkingLevel: 'HIGH' }],
  ])('asks %s for all the thinking there is', (model, expected) => {
    expect(thinkingConfigOf(model)).toEqual({ includeThoughts: true, ...expected });
  });

  it('asks neither an image model nor an older one', () => {
    expect([thinkingConfigOf('gemini-3.1-flash-image'), thinkingConfigOf('gemini-2.0-flash')]).toEqual([undefined, undefined]); // prettier-ignore
  });
});
