import { describe, expect, it } from 'vitest';
import { conversationEntriesOf } from './conversation-entries.js';
import { failedTurn, journal, toolResult, turn } from './log-messages.fixture.js';

describe(conversationEntriesOf.name, () => {
  it('keeps the order of the prompt', () => {
    const model = { provider: 'p', type: 'openai', model: 'm', backend: 'langchain', nativeTools: {} } as const;
    const messages = [
      { role: 'system', content: 'you are' },
      { role: 'user', content: 'the alert' },
    ] as const;
    const entries = conversationEntriesOf(
      journal(2, { type: 'prompted', model, messages: [...messages], toolServers: [] }),
    );
    expect(entries).toMatchObject(messages.map((message, index) => ({ ...message, sequenceNumber: 20 + index })));
    expect(new Set(entries.map(({ id }) => id)).size).toBe(2);
  });

  it('has the calls of a turn, and their results at the places where they were asked for', () => {
    const call = { callId: '1-1', vendorCallId: 'x', name: 'host__disk_usage', argumentsText: '{"path":"/"}' };
    expect(conversationEntriesOf(journal(3, turn({ text: 'look', toolCalls: [call] })))).toMatchObject([
      {
        role: 'assistant',
        content: 'look',
        toolCalls: [{ id: '1-1', name: 'host__disk_usage', arguments: '{"path":"/"}' }],
      },
    ]);
    const request = { type: 'tool-requested', callId: '1-1', server: 'host', tool: 'disk_usage', toolType: 'mcp', arguments: {} } as const; // prettier-ignore
    const [asked] = conversationEntriesOf(journal(4, request));
    const [answered] = conversationEntriesOf(toolResult());
    expect(asked).toMatchObject({ role: 'tool', content: '', sequenceNumber: 40, toolName: 'host.disk_usage' });
    expect(answered).toMatchObject({ id: asked?.id, content: '97 %', isUpdate: true });
  });

  it('has what the loop said to the model, and not the turns that failed', () => {
    expect(
      conversationEntriesOf(journal(5, { type: 'message-added', reason: 'retry', content: 'again' })),
    ).toMatchObject([{ role: 'user', content: 'again' }]);
    expect(conversationEntriesOf(journal(6, failedTurn({ partialText: 'half' })))).toEqual([]);
  });
});
