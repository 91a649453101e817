import type { JournalEntryOf } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { conversationEntriesOf } from './conversation-entries.js';
import { interactionsOf } from './interactions.js';
import { journal, toolResult } from './log-messages.fixture.js';
import { timelineEventsOf } from './timeline-events.js';

const CHILD = '01890000-0000-7000-8000-00000000000c';
const call: NonNullable<JournalEntryOf<'result-summarized'>['call']> = {
  provider: 'small',
  model: 'small-1',
  isFallback: true,
  usage: { inputTokens: 900, outputTokens: 50, thinkingTokens: 0, cachedInputTokens: 0 },
  startedAt: '2026-03-04T05:06:08.000Z',
  durationMs: 1_000,
};
const summarized = { type: 'result-summarized', callId: '1-1', reason: 'size', server: 'host', tool: 'disk_usage', originalTokens: 6_000, call } as const; // prettier-ignore

describe('a summary in place of a tool result', () => {
  it('is an event of its own that names model and size', () => {
    expect(timelineEventsOf(journal(5, { ...summarized, content: 'full' }))).toMatchObject([
      {
        eventType: 'mcp_tool_summary',
        content: 'full',
        metadata: { server_name: 'host', tool_name: 'disk_usage', original_tokens: 6_000, summarization_model: 'small-1', summarization_fallback: true }, // prettier-ignore
      },
    ]);
  });

  it('takes the place of the result in the conversation, whichever of the two is recorded first', () => {
    const [result] = conversationEntriesOf(toolResult());
    const [summary] = conversationEntriesOf(journal(5, { ...summarized, content: 'full' }));
    expect(summary).toMatchObject({ id: result!.id, content: 'full', isUpdate: true });
  });

  it('is a model call, also where it failed and the result stays', () => {
    const failed = journal(5, {
      ...summarized,
      call: { ...call, usage: null, errorCode: 'X', errorMessage: 'no key' },
    });
    expect(timelineEventsOf(failed)).toEqual([]);
    expect(interactionsOf(failed).llm).toMatchObject([
      { interactionType: 'summarization', modelName: 'small-1', errorMessage: 'no key', usage: null },
    ]);
    expect(interactionsOf(journal(5, { ...summarized, content: 'cut', call: undefined })).llm).toEqual([]);
  });
});

describe('mail', () => {
  const mail = {
    type: 'mail-received',
    mailId: 'guidance:1',
    content: '[Guidance from ann] look',
    text: 'look',
  } as const;

  it('of a person is on the timeline with its author, and in the conversation as the model reads it', () => {
    const entry = journal(4, { ...mail, kind: 'guidance', author: 'ann' });
    expect(timelineEventsOf(entry)).toMatchObject([
      { eventType: 'guidance_received', status: 'completed', content: 'look', metadata: { author: 'ann' } },
    ]);
    expect(conversationEntriesOf(entry)).toMatchObject([{ role: 'user', content: '[Guidance from ann] look' }]);
  });

  it('of a sub-agent is shown on the sub-agent’s own timeline', () => {
    const entry = journal(4, { ...mail, kind: 'sub-agent-result', childExecutionId: CHILD });
    expect(timelineEventsOf(entry)).toEqual([]);
  });
});

describe('a beginning', () => {
  const model = { provider: 'p', type: 'openai', model: 'm', backend: 'langchain', nativeTools: {} } as const;
  const prompt = { type: 'prompted' as const, model, messages: [], toolServers: [] };

  it('shows the task of a sub-agent and the skills in the prompt, in this order', () => {
    const events = timelineEventsOf(journal(2, { ...prompt, assignment: 'read logs', skills: ['a', 'b'] }));
    expect(events.map(({ eventType, content, sequenceNumber }) => [eventType, content, sequenceNumber])).toEqual([
      ['task_assigned', 'read logs', 20],
      ['skill_loaded', 'a', 21],
      ['skill_loaded', 'b', 22],
    ]);
    expect(timelineEventsOf(journal(2, prompt))).toEqual([]);
  });
});
