import type { JournalEntry, ToolCallCompleted } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';

type NewEntry = JournalEntry extends infer Entry
  ? Entry extends JournalEntry
    ? Omit<Entry, 'sessionId' | 'executionId' | 'stageId' | 'entry' | 'at'>
    : never
  : never;
type Turn = Extract<NewEntry, { type: 'turn' }>;
type FailedTurn = Extract<NewEntry, { type: 'turn-failed' }>;

export const EXECUTION_ID = derivedId('fixture', 'execution');
export const AT = '2026-03-04T05:06:07.000Z';
const PLACE = { sessionId: derivedId('fixture', 'session'), stageId: derivedId('fixture', 'stage'), executionId: EXECUTION_ID }; // prettier-ignore

/** A journal entry at the given position. */
export function journal(entry: number, content: NewEntry): JournalEntry {
  return { ...PLACE, entry, at: AT, ...content } as JournalEntry;
}

const CALL = {
  turn: 1,
  interactionType: 'iteration',
  iteration: 1,
  provider: 'test',
  model: 'test-1',
  startedAt: '2026-03-04T05:06:00.000Z',
  durationMs: 7_000,
} as const;

export function turn(changes: Partial<Turn> = {}): Turn {
  return { type: 'turn', ...CALL, thinking: '', text: '', toolCalls: [], stopReason: 'stop', usage: null, ...changes };
}

export function failedTurn(changes: Partial<FailedTurn> = {}): FailedTurn {
  return {
    type: 'turn-failed',
    ...CALL,
    errorCode: 'STALLED',
    errorMessage: 'no more came',
    partialText: '',
    ...changes,
  };
}

export function toolResult(changes: Partial<ToolCallCompleted> = {}): ToolCallCompleted {
  return {
    ...PLACE,
    callId: '1-1',
    server: 'host',
    tool: 'disk_usage',
    outcome: 'ok',
    isError: false,
    content: '97 %',
    durationMs: 5,
    completedAt: '2026-03-04T05:06:09.000Z',
    ...changes,
  };
}
