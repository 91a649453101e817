import { mailIdOf, type BudgetPart, type MailboxMessage, type TaskScheduled } from '@tarsy/contracts';
import { budgetConclusionRequest } from '../prompts/loop-messages.js';
import { longResults, resultsInTheWay, type SummaryView } from '../summaries/summary-choice.js';
import type { ExecutionState } from './execution-state.js';
import { fallbackFirst } from './model-fallback.js';
import { nextStep } from './next-step.js';
import type { Step } from './step.js';

/** All that the next step of an execution depends on. */
export interface RunView {
  /** The part of the budget that is used up, if any. */
  readonly usedUp?: BudgetPart | undefined;
  readonly task: TaskScheduled;
  readonly state: ExecutionState;
  readonly mailbox: readonly MailboxMessage[];
  readonly summaries: SummaryView;
}

/**
 * What comes before the loop's own next step, if anything: mail that has not been read, results that are too long, room in the model's
 * window, waiting for sub-agents before an end, and another model in place of one that keeps failing. Pure.
 */
export function stepOfRun(view: RunView): Step {
  const step = nextStep(view.state, view.task.agent);
  return (
    mailFirst(view, step) ??
    conclusionFirst(view, step) ??
    waitingFirst(view, step) ??
    summariesFirst(view, step) ??
    fallbackFirst(view.task, view.state, step) ??
    step
  );
}

/** Mail becomes part of the conversation where a user's message may stand: before a call, and before the agent leaves off. */
function mailFirst({ state, mailbox }: RunView, step: Step): Step | undefined {
  const unread = mailbox.filter((message) => message.type !== 'cancel' && !state.readMail.has(mailIdOf(message)));
  if (unread.length === 0 || !(step.kind === 'call-model' || leavesOff(state, step))) return undefined;
  return { kind: 'read-mail', messages: unread };
}

/** Whoever has used up its budget concludes with what it has, in one more call without tools. */
function conclusionFirst({ state, usedUp }: RunView, step: Step): Step | undefined {
  if (usedUp === undefined || state.isConcluding || !goesOn(step)) return undefined;
  return { kind: 'add-message', reason: 'conclude', usedUp, content: budgetConclusionRequest(usedUp) };
}

/** The step leads to another call with tools, now or later. */
function goesOn(step: Step): boolean {
  if (step.kind === 'call-model') return step.offersTools;
  return step.kind === 'add-message' || (step.kind === 'park' && step.reason === 'iteration-limit');
}

/** An agent that has nothing to say or to do waits for its sub-agents; one at its limit does not. */
function waitingFirst({ state, mailbox }: RunView, step: Step): Step | undefined {
  const isWaiting = state.subAgents.some(({ hasReported }) => !hasReported);
  return isWaiting && leavesOff(state, step)
    ? { kind: 'park', reason: 'sub-agents', mailboxSeen: lettersIn(mailbox) }
    : undefined;
}

/** The agent ended a turn without asking for anything, of its own accord. */
function leavesOff({ isConcluding, last }: ExecutionState, step: Step): boolean {
  if (isConcluding || last?.type !== 'turn') return false;
  if (step.kind === 'conclude') return step.conclusion.status === 'completed';
  return step.kind === 'add-message' && step.reason === 'nudge';
}

function summariesFirst({ state, summaries }: RunView, step: Step): Step | undefined {
  const wasRefused = state.last?.type === 'turn-failed' && state.last.errorCode === 'CONTEXT_TOO_LONG';
  if (step.kind !== 'call-model' && !wasRefused) return undefined;
  const long = longResults(summaries);
  const requests = long.length > 0 ? long : resultsInTheWay(summaries, wasRefused);
  return requests.length === 0 ? undefined : { kind: 'summarize', requests };
}

/** Different messages that are to be read; JetStream may keep a copy of one that was published again much later. */
function lettersIn(mailbox: readonly MailboxMessage[]): number {
  return new Set(mailbox.flatMap((message) => (message.type === 'cancel' ? [] : [mailIdOf(message)]))).size;
}
