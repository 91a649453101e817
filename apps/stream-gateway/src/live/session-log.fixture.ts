import type { JournalEntry, LifecycleEvent, StreamChunk, ToolCallCompleted } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import type { SessionLogContent, SessionLogMessage } from '@tarsy/messaging';

export const SESSION_ID = derivedId('fixture', 'session');
export const STAGE_ID = derivedId('fixture', 'stage');
export const CHAT_STAGE_ID = derivedId('fixture', 'chat-stage');
export const EXECUTION_ID = derivedId('fixture', 'execution');
export const AT = '2026-03-04T05:06:07.000Z';

type Unplaced<Type> = Type extends unknown
  ? Omit<Type, 'sessionId' | 'stageId' | 'executionId' | 'at' | 'entry' | 'revision'>
  : never;

const place = { sessionId: SESSION_ID, stageId: STAGE_ID, executionId: EXECUTION_ID, at: AT };

export const journal = (entry: number, content: Unplaced<JournalEntry>): SessionLogContent => ({
  kind: 'journal',
  entry: { ...place, entry, ...content } as JournalEntry,
});

export const lifecycle = (revision: number, content: Unplaced<LifecycleEvent>): SessionLogContent => ({
  kind: 'lifecycle',
  event: { ...place, revision, ...content } as LifecycleEvent,
});

export const toolResult = (callId: string, content: string): SessionLogContent => ({
  kind: 'tool-result',
  result: {
    sessionId: SESSION_ID,
    stageId: STAGE_ID,
    executionId: EXECUTION_ID,
    callId,
    server: 'host',
    tool: 'disk_usage',
    outcome: 'ok',
    isError: false,
    content,
    durationMs: 5,
    completedAt: AT,
  } satisfies ToolCallCompleted,
});

export const turn = (entry: number, turnNumber: number, text: string, thinking = ''): SessionLogContent =>
  journal(entry, {
    type: 'turn',
    turn: turnNumber,
    interactionType: 'iteration',
    iteration: turnNumber,
    provider: 'test',
    model: 'test-model',
    thinking,
    text,
    toolCalls: [],
    stopReason: 'stop',
    usage: null,
    startedAt: AT,
    durationMs: 10,
  });

export const toolRequested = (entry: number, callId: string): SessionLogContent =>
  journal(entry, {
    type: 'tool-requested',
    callId,
    server: 'host',
    tool: 'disk_usage',
    toolType: 'mcp',
    arguments: { path: '/' },
  });

export const concluded = (entry: number, status: 'completed' | 'cancelled', result?: string): SessionLogContent =>
  journal(entry, {
    type: 'concluded',
    status,
    ...(result === undefined ? {} : { result }),
    forcedConclusion: false,
    iterationsUsed: 1,
    maxIterations: 20,
  });

export const sessionStatus = (
  revision: number,
  status: 'in_progress' | 'cancelling' | 'completed',
): SessionLogContent => lifecycle(revision, { type: 'session-status-changed', status });

export const stageStatus = (revision: number, status: 'pending' | 'active' | 'completed'): SessionLogContent =>
  lifecycle(revision, {
    type: 'stage-status-changed',
    stageId: STAGE_ID,
    stageName: 'Investigation',
    stageIndex: 1,
    stageType: 'investigation',
    status,
    totalStages: 2,
  } as Unplaced<LifecycleEvent>);

export const executionStatus = (revision: number, status: 'pending' | 'active' | 'completed'): SessionLogContent =>
  lifecycle(revision, {
    type: 'execution-status-changed',
    stageId: STAGE_ID,
    executionId: EXECUTION_ID,
    agentName: 'agent',
    agentIndex: 1,
    status,
  } as Unplaced<LifecycleEvent>);

/** A question about the session, and the stage that answers it. */
export const question = (revision: number, content: string, isFirst = true): SessionLogContent =>
  lifecycle(revision, {
    type: 'question-asked',
    stageId: CHAT_STAGE_ID,
    chatId: derivedId('fixture', 'chat'),
    messageId: derivedId('fixture', content),
    author: 'ann',
    content,
    isFirst,
  } as Unplaced<LifecycleEvent>);

export const chatStage = (revision: number, status: 'active' | 'completed' | 'cancelled'): SessionLogContent =>
  lifecycle(revision, {
    type: 'stage-status-changed',
    stageId: CHAT_STAGE_ID,
    stageName: 'Chat',
    stageIndex: 3,
    stageType: 'chat',
    status,
    totalStages: 2,
  } as Unplaced<LifecycleEvent>);

export const chunk = (entry: number, turnNumber: number, offset: number, delta: string): StreamChunk => ({
  sessionId: SESSION_ID,
  stageId: STAGE_ID,
  executionId: EXECUTION_ID,
  turn: turnNumber,
  entry,
  callId: 'call',
  part: 'text',
  offset,
  delta,
});

/** The contents as messages of the log, numbered from `firstSequence`. */
export const numbered = (contents: readonly SessionLogContent[], firstSequence = 1): SessionLogMessage[] =>
  contents.map((content, index) => ({ sequence: firstSequence + index, publishedAt: new Date(AT), ...content }));

/** A whole session: one stage, one model call that asks for a tool, one that answers. */
export const WHOLE_SESSION: readonly SessionLogContent[] = [
  sessionStatus(1, 'in_progress'),
  stageStatus(2, 'pending'),
  stageStatus(3, 'active'),
  executionStatus(4, 'active'),
  journal(1, { type: 'claimed', workerId: 'worker', wakeCount: 0 }),
  turn(2, 1, 'Looking at the disk.', 'A disk alert.'),
  toolRequested(3, '1-0'),
  toolResult('1-0', '/ is 93 % full'),
  turn(4, 2, 'The disk is full.'),
  concluded(5, 'completed', 'The disk is full.'),
  executionStatus(5, 'completed'),
  stageStatus(6, 'completed'),
  sessionStatus(7, 'completed'),
];
