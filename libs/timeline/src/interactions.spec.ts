import { describe, expect, it } from 'vitest';
import { interactionsOf } from './interactions.js';
import { AT, failedTurn, journal, toolResult, turn } from './log-messages.fixture.js';

describe(interactionsOf.name, () => {
  it('records a model call when it began, with its usage and what it asked for', () => {
    const call = { callId: '1-1', vendorCallId: 'x', name: 'host__cpu', argumentsText: '{}' };
    const usage = { inputTokens: 10, outputTokens: 5, thinkingTokens: 1, cachedInputTokens: 0 };
    const { llm, mcp } = interactionsOf(journal(4, turn({ text: 'four', toolCalls: [call], usage })));
    expect(mcp).toEqual([]);
    expect(llm).toMatchObject([
      {
        createdAt: '2026-03-04T05:06:00.000Z',
        sequenceNumber: 40,
        request: { iteration: 1, turn: 1 },
        response: { text_length: 4, tool_calls_count: 1, stop_reason: 'stop' },
        usage,
        errorMessage: undefined,
      },
    ]);
  });

  it('records a failed model call with its error', () => {
    expect(interactionsOf(journal(4, failedTurn({ partialText: 'half' }))).llm).toMatchObject([
      { response: { error_code: 'STALLED', text_length: 4 }, usage: null, errorMessage: 'no more came' },
    ]);
  });

  it('records one list of tools for each server that the prompt names', () => {
    const model = { provider: 'p', type: 'openai', model: 'm', backend: 'langchain', nativeTools: {} } as const;
    const tools = [{ name: 'cpu', description: 'how busy' }];
    const toolServers = [
      { server: 'host', tools },
      { server: 'gone', tools: [], errorMessage: 'connection refused' },
    ];
    const { mcp } = interactionsOf(journal(2, { type: 'prompted', model, messages: [], toolServers }));
    expect(mcp).toMatchObject([
      { interactionType: 'tool_list', serverName: 'host', availableTools: tools, createdAt: AT },
      { interactionType: 'tool_list', serverName: 'gone', errorMessage: 'connection refused' },
    ]);
    expect(new Set(mcp.map(({ id }) => id)).size).toBe(2);
  });

  it('joins the request and the result of a tool call by id', () => {
    const request = { type: 'tool-requested', callId: '1-1', server: 'host', tool: 'disk_usage', toolType: 'mcp', arguments: { path: '/' } } as const; // prettier-ignore
    const [asked] = interactionsOf(journal(3, request)).mcp;
    const [answered] = interactionsOf(toolResult()).mcp;
    expect(answered?.id).toBe(asked?.id);
    expect(asked).toMatchObject({ arguments: { path: '/' }, result: undefined, isUpdate: false });
    expect(answered).toMatchObject({ result: { content: '97 %', isError: false }, durationMs: 5, isUpdate: true });
  });

  it('keeps the beginning of a failed tool call as its error, whole characters only', () => {
    const [failed] = interactionsOf(toolResult({ isError: true, content: `x${'😀'.repeat(1_500)}` })).mcp;
    expect(failed?.errorMessage?.length).toBeLessThanOrEqual(2_000);
    expect(failed?.errorMessage?.isWellFormed()).toBe(true);
  });
});
