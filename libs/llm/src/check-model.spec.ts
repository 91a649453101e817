import type { ModelReference } from '@tarsy/contracts';
import { startModelServer, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkModel, type ModelCheck } from './check-model.js';

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(async () => {
  await server.close();
});

const check = (turn: ModelTurn, changes: Partial<ModelReference> = {}): Promise<ModelCheck> => {
  server.script({ name: 'script', turns: [turn] });
  const reference: ModelReference = { provider: 'p', type: 'anthropic', model: 'claude-sonnet-5', backend: 'langchain', baseUrl: server.origin, apiKeyEnv: 'KEY', nativeTools: {}, ...changes }; // prettier-ignore
  return checkModel(reference, { KEY: 'k' }, new AbortController().signal);
};

describe(checkModel.name, () => {
  it('says what a model can do', async () => {
    const usage = { inputTokens: 50, outputTokens: 9 };
    const toolCalls = [{ name: 'report_status', arguments: { status: 'ok' } }];
    expect(await check({ thinking: 'hm', toolCalls, usage })).toEqual({
      provider: 'p',
      model: 'claude-sonnet-5',
      isReachable: true,
      streams: true,
      callsTools: true,
      thinks: true,
      firstTokenMs: expect.any(Number),
      usage: { inputTokens: 50, outputTokens: 9, thinkingTokens: 0, cachedInputTokens: 0 },
      problem: undefined,
    });
  });

  it.each<[ModelTurn, Partial<ModelReference>, RegExp]>([
    [{ text: 'I can not do that.' }, {}, /did not call the tool/],
    [{ error: { status: 401 } }, {}, /refused the key .*check KEY/],
    [{}, { apiKeyEnv: 'OTHER_KEY' }, /OTHER_KEY is not set/],
    [{ error: { status: 404, body: { message: 'model: claude-x' } } }, { model: 'claude-x' }, /is "claude-x" a model there\?/], // prettier-ignore
    [{ error: { status: 429 } }, {}, /at its limit/],
    [{ error: { status: 500 } }, {}, /can not be reached at http/],
  ])('explains %j in one line', async (turn, changes, expected) => {
    const { problem } = await check(turn, changes);
    expect(problem).toMatch(expected);
    expect(problem).not.toContain('\n');
  });
});
