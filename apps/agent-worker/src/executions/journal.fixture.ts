import type { JournalEntry, ParkReason, RequestedToolCall, TaskScheduled } from '@tarsy/contracts';
import type { NewEntry } from './execution-run.js';

const IDS = {
  sessionId: '01890000-0000-7000-8000-000000000001',
  stageId: '01890000-0000-7000-8000-000000000002',
  executionId: '01890000-0000-7000-8000-000000000003',
};
const AT = '2026-03-04T05:06:07.000Z';

/** Entries as a journal would hold them, for tests of what is made from them. */
export function journalOf(...entries: NewEntry[]): JournalEntry[] {
  return entries.map((entry, index) => ({ ...entry, ...IDS, entry: index + 1, at: AT }) as JournalEntry);
}

export const claimed = (wakeCount = 0): NewEntry => ({ type: 'claimed', workerId: 'w', wakeCount });
export const parked = (wakeCount = 0, reason: ParkReason = 'iteration-limit'): NewEntry => ({
  type: 'parked',
  reason,
  wakeCount,
  mailboxSeen: 0,
});
export const prompted = (): NewEntry => ({
  type: 'prompted',
  model: taskFixture().model,
  messages: [
    { role: 'system', content: 'rules' },
    { role: 'user', content: 'alert' },
  ],
  toolServers: [],
});

interface TurnChanges {
  readonly text?: string;
  readonly thinking?: string;
  readonly calls?: readonly string[];
  readonly turn?: number;
  readonly isConcluding?: boolean;
  readonly formatFeedback?: string;
}

const callModel = { provider: 'p', model: 'm', startedAt: AT, durationMs: 1 };

export const callOf = (callId: string): RequestedToolCall => ({
  callId,
  vendorCallId: `vendor-${callId}`,
  name: 'host__cpu',
  argumentsText: '{}',
});

export function turn({
  text = '',
  thinking = '',
  calls = [],
  turn: number = 1,
  isConcluding = false,
  formatFeedback,
}: TurnChanges = {}): NewEntry {
  return {
    type: 'turn',
    ...callModel,
    turn: number,
    iteration: number,
    interactionType: isConcluding ? 'forced_conclusion' : 'iteration',
    thinking,
    text,
    toolCalls: calls.map(callOf),
    stopReason: 'stop',
    usage: null,
    ...(formatFeedback === undefined ? {} : { formatFeedback }),
  };
}

export function failedTurn(errorCode: string, partialText = '', isConcluding = false): NewEntry {
  return {
    type: 'turn-failed',
    ...callModel,
    turn: 1,
    iteration: 1,
    interactionType: isConcluding ? 'forced_conclusion' : 'iteration',
    errorCode,
    errorMessage: `it failed: ${errorCode}`,
    partialText,
  };
}

export const message = (reason: 'nudge' | 'retry' | 'conclude' | 'format'): NewEntry => ({
  type: 'message-added',
  reason,
  content: `please ${reason}`,
});

export const requested = (callId: string): NewEntry => ({
  type: 'tool-requested',
  callId,
  server: 'host',
  tool: 'cpu',
  toolType: 'mcp',
  arguments: {},
});

export const answered = (callId: string): NewEntry => ({
  type: 'tool-answered',
  callId,
  name: 'host__cpu',
  arguments: {},
  content: `no answer to ${callId}`,
  isError: true,
});

export function resultsOf(...callIds: string[]): Map<string, { content: string; isError: boolean }> {
  return new Map(callIds.map((callId) => [callId, { content: `result of ${callId}`, isError: false }]));
}

export function taskFixture(changes: Partial<TaskScheduled> = {}): TaskScheduled {
  return {
    ...IDS,
    wakeCount: 0,
    pool: 'default',
    priority: 'normal',
    deadlineAt: '2030-01-01T00:00:00.000Z',
    stage: { name: 'investigation', index: 1, type: 'investigation' },
    agent: { name: 'Analyst', kind: 'investigation', description: '', customInstructions: '', maxIterations: 3 },
    model: { provider: 'p', type: 'openai', model: 'm', backend: 'langchain', nativeTools: {} },
    toolServers: [],
    alert: { type: 'DiskFull', data: 'disk is full', receivedAt: AT },
    previousStages: [],
    limits: {
      iterationTimeoutMs: 360_000,
      llmCallTimeoutMs: 300_000,
      firstTokenTimeoutMs: 120_000,
      stallTimeoutMs: 60_000,
      toolCallTimeoutMs: 60_000,
    },
    ...changes,
  };
}
