import { describe, expect, it } from 'vitest';
import { streamingEventIdOf, streamingSequenceNumberOf } from './identity.js';
import { EXECUTION_ID, failedTurn, journal, toolResult, turn } from './log-messages.fixture.js';
import { timelineEventsOf } from './timeline-events.js';

const briefly = (message: Parameters<typeof timelineEventsOf>[0]): unknown[] =>
  timelineEventsOf(message).map(({ eventType, status, content }) => [eventType, status, content]);

describe(timelineEventsOf.name, () => {
  it('shows what a model thought before what it said, under the ids that its chunks had', () => {
    const events = timelineEventsOf(journal(4, turn({ thinking: 'hm', text: 'the disk is full' })));
    expect(events.map(({ eventType, content }) => [eventType, content])).toEqual([
      ['llm_thinking', 'hm'],
      ['llm_response', 'the disk is full'],
    ]);
    for (const [index, part] of (['thinking', 'text'] as const).entries()) {
      expect(events[index]?.id).toBe(streamingEventIdOf({ executionId: EXECUTION_ID, turn: 1, part }));
      expect(events[index]?.sequenceNumber).toBe(streamingSequenceNumberOf({ entry: 4, part }));
    }
  });

  it('shows nothing of a turn that only calls tools', () => {
    expect(timelineEventsOf(journal(2, turn()))).toEqual([]);
  });

  it('shows the part of an answer that failed, and why it did', () => {
    expect(briefly(journal(2, failedTurn({ partialText: 'half an' })))).toEqual([
      ['llm_response', 'failed', 'half an'],
      ['error', 'completed', 'no more came'],
    ]);
    expect(briefly(journal(2, failedTurn()))).toEqual([['error', 'completed', 'no more came']]);
  });

  it('shows the part of an answer whose execution was stopped as cancelled, and leaves the reason to the conclusion', () => {
    const stopped = { errorCode: 'EXECUTION_STOPPED', errorMessage: 'cancelled by ann' };
    expect(briefly(journal(2, failedTurn({ ...stopped, partialText: 'half an' })))).toEqual([
      ['llm_response', 'cancelled', 'half an'],
    ]);
    expect(briefly(journal(2, failedTurn(stopped)))).toEqual([]);
  });

  it('opens a tool call with its request and completes the same event with its result', () => {
    const [open] = timelineEventsOf(
      journal(3, { type: 'tool-requested', callId: '1-1', server: 'host', tool: 'disk_usage', toolType: 'mcp', arguments: { path: '/' } }), // prettier-ignore
    );
    const [result] = timelineEventsOf(toolResult());
    expect(open).toMatchObject({ status: 'streaming', isUpdate: false, sequenceNumber: 30 });
    expect(result).toMatchObject({ id: open?.id, status: 'completed', content: '97 %', isUpdate: true });
    expect({ ...open?.metadata, ...result?.metadata }).toEqual({
      server_name: 'host',
      tool_name: 'disk_usage',
      tool_type: 'mcp',
      arguments: { path: '/' },
      is_error: false,
      outcome: 'ok',
      duration_ms: 5,
    });
  });

  it.each([
    ['host__disk_usage', 'host', 'disk_usage'],
    ['host.disk_usage', 'host', 'disk_usage'],
    ['my-host__get__all', 'my-host', 'get__all'],
    ['nonsense', '', 'nonsense'],
  ])('splits the name %s of a call that the worker answered', (name, server, tool) => {
    const answered = { type: 'tool-answered', callId: '1-1', name, arguments: {}, content: 'no such tool', isError: true } as const; // prettier-ignore
    expect(timelineEventsOf(journal(3, answered))).toMatchObject([
      {
        status: 'completed',
        content: 'no such tool',
        metadata: { server_name: server, tool_name: tool, is_error: true },
      },
    ]);
  });

  it('ends with the analysis, and says whether it was forced', () => {
    const end = { type: 'concluded', iterationsUsed: 20, maxIterations: 20 } as const;
    expect(
      timelineEventsOf(journal(9, { ...end, status: 'completed', result: 'all is well', forcedConclusion: true })),
    ).toMatchObject([
      {
        eventType: 'final_analysis',
        content: 'all is well',
        metadata: { forced_conclusion: true, iterations_used: 20, max_iterations: 20 },
      },
    ]);
    expect(briefly(journal(9, { ...end, status: 'completed', forcedConclusion: false }))).toEqual([]);
  });

  it.each(['failed', 'timed_out', 'cancelled'] as const)('ends with the reason when the execution is %s', (status) => {
    const end = { type: 'concluded', status, forcedConclusion: false, iterationsUsed: 3, maxIterations: 20 } as const;
    expect(timelineEventsOf(journal(9, { ...end, errorCode: 'SOME_CODE', errorMessage: 'the reason' }))).toMatchObject([
      { eventType: 'error', status, content: 'the reason', metadata: { error_code: 'SOME_CODE' } },
    ]);
    expect(briefly(journal(9, end))).toEqual([]);
  });

  it('has nothing to show of claims, prompts and messages of the loop', () => {
    expect(briefly(journal(1, { type: 'claimed', workerId: 'worker-1', wakeCount: 0 }))).toEqual([]);
    expect(briefly(journal(2, { type: 'message-added', reason: 'nudge', content: 'go on' }))).toEqual([]);
  });
});
