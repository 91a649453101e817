import type { AgentSpecification, JournalEntryOf } from '@tarsy/contracts';
import { conclusionRequest, emptyAnswerNudge, retryRequest } from '../prompts/loop-messages.js';
import { isBlankAnswer, type ExecutionState } from './execution-state.js';
import { isDoubtfulCode, isHopelessCode } from './failure-codes.js';
import { completed, failed, type Step } from './step.js';

/** Requests for a text after blank answers, before the execution fails. */
export const MOST_NUDGES = 2;

type LoopLimits = Pick<AgentSpecification, 'maxIterations' | 'forceConclusion'>;

/**
 * The loop of agents with tools: call the model, run the tools it asks for, until it answers with text. At the iteration limit it is
 * asked to conclude with what it has, without tools, or lets go until a person allows it more. Pure: a worker that takes over decides the same.
 */
export function nextIteratingStep(state: ExecutionState, limits: LoopLimits): Step {
  const { last } = state;
  switch (last?.type) {
    case undefined:
      return { kind: 'prompt' };
    case 'prompted':
      return callModel(state);
    case 'message-added':
    case 'model-switched':
    case 'result-summarized':
      return callModel(state);
    case 'mail-received':
      return unlessAtLimit(state, limits, () => callModel(state));
    case 'turn':
      return afterTurn(state, last, limits);
    case 'turn-failed':
      return afterFailure(state, last, limits);
  }
}

function callModel({ isConcluding, iterations }: ExecutionState): Step {
  return isConcluding
    ? {
        kind: 'call-model',
        interactionType: 'forced_conclusion',
        iteration: Math.max(1, iterations),
        offersTools: false,
      }
    : { kind: 'call-model', interactionType: 'iteration', iteration: iterations + 1, offersTools: true };
}

function afterTurn(state: ExecutionState, turn: JournalEntryOf<'turn'>, limits: LoopLimits): Step {
  if (state.openCalls.length > 0) return { kind: 'answer-calls', turn, calls: state.openCalls };
  if (turn.toolCalls.length > 0) return unlessAtLimit(state, limits, () => callModel(state));
  const { formatFeedback } = turn;
  if (formatFeedback !== undefined)
    return unlessAtLimit(state, limits, () => ({
      kind: 'add-message',
      reason: 'format',
      content: formatFeedback,
    }));
  if (!isBlankAnswer(turn)) return completed(turn.text, state.isConcluding);
  if (state.nudgesInRow >= MOST_NUDGES)
    return failed('EMPTY_ANSWER', `the model gave no text ${MOST_NUDGES + 1} times in a row`);
  return unlessAtLimit(state, limits, () => ({
    kind: 'add-message',
    reason: 'nudge',
    content: emptyAnswerNudge(),
  }));
}

function afterFailure(state: ExecutionState, failure: JournalEntryOf<'turn-failed'>, limits: LoopLimits): Step {
  const { errorCode, errorMessage, partialText } = failure;
  const isOver =
    state.isConcluding ||
    state.timeoutsInRow >= 2 ||
    isHopelessCode(errorCode) ||
    (isDoubtfulCode(errorCode) && state.failuresInRow >= 2);
  if (isOver) return failed(errorCode, errorMessage);
  return unlessAtLimit(state, limits, () => ({
    kind: 'add-message',
    reason: 'retry',
    content: retryRequest(errorMessage, partialText),
  }));
}

function unlessAtLimit(state: ExecutionState, limits: LoopLimits, otherwise: () => Step): Step {
  const { maxIterations, forceConclusion } = limits;
  if (state.isConcluding || state.iterations < maxIterations) return otherwise();
  if (forceConclusion === false) return { kind: 'park', reason: 'iteration-limit', mailboxSeen: state.readMail.size };
  return { kind: 'add-message', reason: 'conclude', content: conclusionRequest(maxIterations) };
}
