import type { StreamChunk } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';

/** Room for ten rows of one journal entry; positions start at 0. */
export function sequenceNumberOf(entry: number, position = 0): number {
  return entry * 10 + position;
}

export const thinkingEventId = (executionId: string, turn: number): string =>
  derivedId(executionId, 'turn', turn, 'thinking');
export const textEventId = (executionId: string, turn: number): string => derivedId(executionId, 'turn', turn, 'text');
export const toolEventId = (executionId: string, callId: string): string => derivedId(executionId, 'tool', callId);
export const errorEventId = (executionId: string, entry: number): string => derivedId(executionId, 'error', entry);
export const nativeToolEventId = (executionId: string, turn: number, position: number): string =>
  derivedId(executionId, 'turn', turn, 'native-tool', position);
export const fallbackEventId = (executionId: string, attempt: number): string =>
  derivedId(executionId, 'fallback', attempt);
export const conclusionEventId = (executionId: string): string => derivedId(executionId, 'conclusion');
export const llmInteractionId = (executionId: string, turn: number): string => derivedId(executionId, 'llm', turn);
export const mcpInteractionId = (executionId: string, callId: string): string => derivedId(executionId, 'mcp', callId);
export const toolListId = (executionId: string, server: string): string => derivedId(executionId, 'tool-list', server);
export const skillEventId = (executionId: string, skill: string): string => derivedId(executionId, 'skill', skill);
export const assignmentEventId = (executionId: string): string => derivedId(executionId, 'assignment');
export const questionEventId = (executionId: string): string => derivedId(executionId, 'question');
export const mailEventId = (executionId: string, mailId: string): string => derivedId(executionId, 'mail', mailId);
export const summaryEventId = (executionId: string, callId: string, reason: string): string =>
  derivedId(executionId, 'summary', callId, reason);
export const summaryInteractionId = (executionId: string, callId: string, reason: string): string =>
  derivedId(executionId, 'llm-summary', callId, reason);
export const messageId = (executionId: string, part: string | number): string =>
  derivedId(executionId, 'message', part);

/** The timeline event that a piece of a streaming answer belongs to. */
export function streamingEventIdOf({
  executionId,
  turn,
  part,
}: Pick<StreamChunk, 'executionId' | 'turn' | 'part'>): string {
  return part === 'thinking' ? thinkingEventId(executionId, turn) : textEventId(executionId, turn);
}

/** Sequence number of the event that a streaming answer will become; `entry` is the journal position of its turn. */
export function streamingSequenceNumberOf({ entry, part }: Pick<StreamChunk, 'entry' | 'part'>): number {
  return sequenceNumberOf(entry, part === 'thinking' ? 0 : 1);
}
