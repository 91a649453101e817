import type { ModelReference } from '@tarsy/contracts';
import { startModelServer, type ModelServer } from '@tarsy/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLanguageModel } from '../../create-language-model.js';
import type { LanguageModel, LanguageModelEvent } from '../../language-model.js';
import { OpenAiLanguageModel } from '../openai/openai-language-model.js';
import { OpenAiResponsesLanguageModel } from './openai-responses-language-model.js';

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(async () => {
  await server.close();
});

const modelAt = (baseUrl: string | undefined, model = 'gpt-5.2'): LanguageModel => {
  const reference: ModelReference = { provider: 'p', type: 'openai', model, backend: 'langchain', apiKeyEnv: 'KEY', nativeTools: {} }; // prettier-ignore
  return createLanguageModel({ ...reference, ...(baseUrl === undefined ? {} : { baseUrl }) }, { KEY: 'key-1' });
};

async function call(model: LanguageModel): Promise<LanguageModelEvent[]> {
  const events: LanguageModelEvent[] = [];
  const request = { executionId: 'e', messages: [{ role: 'user' as const, content: 'alert' }], tools: [], interactionType: 'iteration' as const }; // prettier-ignore
  for await (const event of model.stream(request, new AbortController().signal)) events.push(event);
  return events;
}

describe(OpenAiResponsesLanguageModel.name, () => {
  it('stores nothing at the vendor, and asks for its reasoning under seal', async () => {
    server.script({ name: 's', turns: [{ text: 'ok' }] });
    await call(modelAt(`${server.url}/responses`));
    expect(server.requests[0]!.body).toMatchObject({
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'high', summary: 'auto' },
    });
  });

  it('does without summaries where the organisation may not have them, and remembers it', async () => {
    const error = { status: 400, body: { message: 'must be verified', param: 'reasoning.summary' } };
    server.script({ name: 's', turns: [{ error }, { text: 'ok' }, { text: 'ok' }] });
    const model = modelAt(`${server.url}/responses`);
    await call(model);
    await call(model);
    expect(server.requests.map(({ body }) => body['reasoning'])).toEqual([
      { effort: 'high', summary: 'auto' },
      { effort: 'high' },
      { effort: 'high' },
    ]);
  });

  it('asks a model that does not reason for no reasoning', async () => {
    server.script({ name: 's', turns: [{ text: 'ok' }] });
    await call(modelAt(`${server.url}/responses`, 'gpt-4.1'));
    expect(server.requests[0]!.body).not.toHaveProperty('reasoning');
  });
});

describe('which API of OpenAI is called', () => {
  it.each([
    [undefined, OpenAiResponsesLanguageModel],
    ['https://api.openai.com/v1', OpenAiResponsesLanguageModel],
    ['https://api.openai.com/v1/chat/completions', OpenAiLanguageModel],
    ['http://127.0.0.1:11434/v1', OpenAiLanguageModel],
    ['https://gateway.example/v1/responses/', OpenAiResponsesLanguageModel],
  ])('%s', (baseUrl, adapter) => {
    expect(modelAt(baseUrl)).toBeInstanceOf(adapter);
  });
});
