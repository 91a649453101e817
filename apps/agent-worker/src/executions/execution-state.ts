import type { BudgetPart, JournalEntry, JournalEntryOf, RequestedToolCall } from '@tarsy/contracts';
import { answersOf, type ToolResults } from './conversation.js';
import { failureKindOf, isTimeoutCode, type CountedFailure } from './failure-codes.js';

/** What of a journal the next step depends on. */
export interface ExecutionState {
  readonly prompted: JournalEntryOf<'prompted'> | undefined;
  readonly concluded: JournalEntryOf<'concluded'> | undefined;
  /** The newest entry that moves the loop on; claims and tool entries do not. */
  readonly last:
    | JournalEntryOf<
        'prompted' | 'turn' | 'turn-failed' | 'model-switched' | 'message-added' | 'mail-received' | 'result-summarized'
      >
    | undefined;
  /** Model calls so far, failed ones included. */
  readonly turns: number;
  /** Model calls that count against the limit: all but those of a forced conclusion, from the last time that a person let it go on. */
  readonly iterations: number;
  /** The model was asked to conclude without tools. */
  readonly isConcluding: boolean;
  /** The part of its budget for whose sake it was asked. */
  readonly usedUp: BudgetPart | undefined;
  readonly nudgesInRow: number;
  readonly timeoutsInRow: number;
  readonly failuresInRow: number;
  /** Of the failures in a row, those of each kind that counts towards another model. */
  readonly failuresByKind: Readonly<Record<CountedFailure, number>>;
  /** Iterations that the failures in a row took. */
  readonly failedIterations: number;
  /** The newest switch to another model; undefined while the one that the task names is in use. */
  readonly switched: JournalEntryOf<'model-switched'> | undefined;
  /** Calls of the last turn that have no answer yet. */
  readonly openCalls: readonly RequestedToolCall[];
  /** In the order in which they were dispatched. */
  readonly subAgents: readonly DispatchedAgent[];
  /** Ids of the mailbox messages that became part of the conversation. */
  readonly readMail: ReadonlySet<string>;
  /** Set as long as nothing came after the execution was parked. */
  readonly parked: JournalEntryOf<'parked'> | undefined;
  /** The last turn that only led to waiting; it does not count as an iteration. */
  readonly waitingTurn: number;
  /** Claims since anything else was added; each is a try that led nowhere. */
  readonly trailingClaims: number;
}

/** A sub-agent as the conversation knows it. */
export interface DispatchedAgent {
  readonly executionId: string;
  readonly name: string;
  readonly task: string;
  readonly dispatchedAt: string;
  /** Its result is part of the conversation. */
  readonly hasReported: boolean;
}

const NO_FAILURES = { failuresInRow: 0, failuresByKind: { provider: 0, stream: 0 }, failedIterations: 0 };

const NOTHING_YET: ExecutionState = {
  prompted: undefined,
  concluded: undefined,
  last: undefined,
  turns: 0,
  iterations: 0,
  isConcluding: false,
  usedUp: undefined,
  nudgesInRow: 0,
  timeoutsInRow: 0,
  ...NO_FAILURES,
  switched: undefined,
  openCalls: [],
  subAgents: [],
  readMail: new Set(),
  parked: undefined,
  waitingTurn: 0,
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
  if (entry.type === 'claimed') return { ...wokenBy(state, entry), trailingClaims: state.trailingClaims + 1 };
  return applyStep({ ...state, trailingClaims: 0, parked: undefined }, entry);
}

function applyStep(state: ExecutionState, entry: Exclude<JournalEntry, { type: 'claimed' }>): ExecutionState {
  switch (entry.type) {
    case 'prompted':
      return { ...state, prompted: entry, last: entry };
    case 'turn':
      return {
        ...counted(state, entry),
        ...NO_FAILURES,
        timeoutsInRow: 0,
        nudgesInRow: isBlankAnswer(entry) ? state.nudgesInRow : 0,
      };
    case 'turn-failed':
      return {
        ...failureCounted(counted(state, entry), state, entry.errorCode),
        timeoutsInRow: isTimeoutCode(entry.errorCode) ? state.timeoutsInRow + 1 : 0,
      };
    case 'model-switched':
      // What the model before this one failed at is no iteration of this one.
      return {
        ...state,
        ...NO_FAILURES,
        timeoutsInRow: 0,
        iterations: state.iterations - state.failedIterations,
        last: entry,
        switched: entry,
      };
    case 'message-added':
      return {
        ...state,
        last: entry,
        isConcluding: state.isConcluding || entry.reason === 'conclude',
        usedUp: state.usedUp ?? entry.usedUp,
        nudgesInRow: entry.reason === 'nudge' ? state.nudgesInRow + 1 : entry.reason === 'conclude' ? 0 : state.nudgesInRow, // prettier-ignore
      };
    case 'concluded':
      return { ...state, concluded: entry };
    case 'mail-received':
      return {
        ...state,
        last: entry,
        readMail: new Set(state.readMail).add(entry.mailId),
        subAgents: state.subAgents.map((agent) =>
          agent.executionId === entry.childExecutionId ? { ...agent, hasReported: true } : agent,
        ),
      };
    case 'agent-dispatched':
      return { ...state, subAgents: [...state.subAgents, dispatchedBy(entry)] };
    case 'parked':
      return parked(state, entry);
    case 'result-summarized':
      // Room was made for a conversation that the model had refused as too long.
      return entry.reason === 'context' && state.last?.type === 'turn-failed' ? { ...state, last: entry } : state;
    case 'tool-requested':
    case 'tool-answered':
      return state;
  }
}

function dispatchedBy(entry: JournalEntryOf<'agent-dispatched'>): DispatchedAgent {
  const { childExecutionId: executionId, agentName: name, task, at: dispatchedAt } = entry;
  return { executionId, name, task, dispatchedAt, hasReported: false };
}

/** Waiting for sub-agents costs no iteration, however often the execution is woken in the meantime. */
function parked(state: ExecutionState, entry: JournalEntryOf<'parked'>): ExecutionState {
  if (entry.reason !== 'sub-agents') return { ...state, parked: entry };
  const { last, waitingTurn, iterations } = state;
  const isFirst = last?.type === 'turn' && last.turn !== waitingTurn;
  return { ...state, parked: entry, ...(isFirst ? { waitingTurn: last.turn, iterations: iterations - 1 } : {}) };
}

function failureCounted(state: ExecutionState, before: ExecutionState, code: string): ExecutionState {
  const kind = failureKindOf(code);
  const { failuresByKind } = state;
  const isCounted = kind === 'provider' || kind === 'stream';
  return {
    ...state,
    failuresInRow: state.failuresInRow + 1,
    failuresByKind: isCounted ? { ...failuresByKind, [kind]: failuresByKind[kind] + 1 } : failuresByKind,
    failedIterations: state.failedIterations + state.iterations - before.iterations,
  };
}

/** Whoever lets an execution go on at its limit allows it as many iterations again. */
function wokenBy(state: ExecutionState, { wakeCount }: JournalEntryOf<'claimed'>): ExecutionState {
  const { parked } = state;
  if (parked?.reason !== 'iteration-limit' || wakeCount <= parked.wakeCount) return state;
  return { ...state, parked: undefined, iterations: 0, timeoutsInRow: 0, ...NO_FAILURES };
}

function counted(state: ExecutionState, entry: JournalEntryOf<'turn' | 'turn-failed'>): ExecutionState {
  const counts = entry.interactionType === 'forced_conclusion' ? 0 : 1;
  return { ...state, last: entry, turns: state.turns + 1, iterations: state.iterations + counts };
}

/** Neither text nor calls: nothing to go on with. */
export function isBlankAnswer({ text, toolCalls, formatFeedback }: JournalEntryOf<'turn'>): boolean {
  return text.trim() === '' && toolCalls.length === 0 && formatFeedback === undefined;
}
