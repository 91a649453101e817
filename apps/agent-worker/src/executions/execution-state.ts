import type { JournalEntry, JournalEntryOf, RequestedToolCall } from '@tarsy/contracts';
import { answersOf, type ToolResults } from './conversation.js';
import { isTimeoutCode } from './failure-codes.js';

/** What of a journal the next step depends on. */
export interface ExecutionState {
  readonly prompted: JournalEntryOf<'prompted'> | undefined;
  readonly concluded: JournalEntryOf<'concluded'> | undefined;
  /** The newest entry that moves the loop on; claims and tool entries do not. */
  readonly last: JournalEntryOf<'prompted' | 'turn' | 'turn-failed' | 'message-added'> | undefined;
  /** Model calls so far, failed ones included. */
  readonly turns: number;
  /** Model calls that count against the limit: all but those of a forced conclusion. */
  readonly iterations: number;
  /** The model was asked to conclude without tools. */
  readonly isConcluding: boolean;
  readonly nudgesInRow: number;
  readonly timeoutsInRow: number;
  readonly failuresInRow: number;
  /** Calls of the last turn that have no answer yet. */
  readonly openCalls: readonly RequestedToolCall[];
  /** Claims since anything else was added; each is a try that led nowhere. */
  readonly trailingClaims: number;
}

const NOTHING_YET: ExecutionState = {
  prompted: undefined,
  concluded: undefined,
  last: undefined,
  turns: 0,
  iterations: 0,
  isConcluding: false,
  nudgesInRow: 0,
  timeoutsInRow: 0,
  failuresInRow: 0,
  openCalls: [],
  trailingClaims: 0,
};

/** Reads a journal from its beginning. Pure. */
export function replay(entries: readonly JournalEntry[], results: ToolResults): ExecutionState {
  const state = entries.reduce(apply, NOTHING_YET);
  if (state.last?.type !== 'turn') return state;
  const answers = answersOf(entries, results);
  return { ...state, openCalls: state.last.toolCalls.filter(({ callId }) => !answers.has(callId)) };
}

function apply(state: ExecutionState, entry: JournalEntry): ExecutionState {
  if (entry.type === 'claimed') return { ...state, trailingClaims: state.trailingClaims + 1 };
  return applyStep({ ...state, trailingClaims: 0 }, entry);
}

function applyStep(state: ExecutionState, entry: Exclude<JournalEntry, { type: 'claimed' }>): ExecutionState {
  switch (entry.type) {
    case 'prompted':
      return { ...state, prompted: entry, last: entry };
    case 'turn':
      return {
        ...counted(state, entry),
        timeoutsInRow: 0,
        failuresInRow: 0,
        nudgesInRow: isBlankAnswer(entry) ? state.nudgesInRow : 0,
      };
    case 'turn-failed':
      return {
        ...counted(state, entry),
        timeoutsInRow: isTimeoutCode(entry.errorCode) ? state.timeoutsInRow + 1 : 0,
        failuresInRow: state.failuresInRow + 1,
      };
    case 'message-added':
      return {
        ...state,
        last: entry,
        isConcluding: state.isConcluding || entry.reason === 'conclude',
        nudgesInRow: entry.reason === 'nudge' ? state.nudgesInRow + 1 : entry.reason === 'conclude' ? 0 : state.nudgesInRow, // prettier-ignore
      };
    case 'concluded':
      return { ...state, concluded: entry };
    case 'tool-requested':
    case 'tool-answered':
      return state;
  }
}

function counted(state: ExecutionState, entry: JournalEntryOf<'turn' | 'turn-failed'>): ExecutionState {
  const counts = entry.interactionType === 'forced_conclusion' ? 0 : 1;
  return { ...state, last: entry, turns: state.turns + 1, iterations: state.iterations + counts };
}

/** Neither text nor calls: nothing to go on with. */
export function isBlankAnswer({ text, toolCalls, formatFeedback }: JournalEntryOf<'turn'>): boolean {
  return text.trim() === '' && toolCalls.length === 0 && formatFeedback === undefined;
}
