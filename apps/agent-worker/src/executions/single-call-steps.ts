import type { AgentKind, LlmInteractionType } from '@tarsy/contracts';
import { emptyAnswerNudge } from '../prompts/loop-messages.js';
import type { ExecutionState } from './execution-state.js';
import { MOST_NUDGES } from './iterating-steps.js';
import { completed, failed, type Step } from './step.js';

export type SingleCallKind = Extract<AgentKind, 'synthesis' | 'exec_summary'>;

const INTERACTION_TYPES: Readonly<Record<SingleCallKind, LlmInteractionType>> = {
  synthesis: 'synthesis',
  exec_summary: 'executive_summary',
};

/** Agents that answer in one call without tools; a blank answer is asked for again, an error ends it. Pure. */
export function nextSingleCallStep(state: ExecutionState, kind: SingleCallKind): Step {
  const { last } = state;
  switch (last?.type) {
    case undefined:
      return { kind: 'prompt' };
    case 'prompted':
    case 'message-added':
    case 'model-switched':
    case 'mail-received':
    case 'result-summarized':
      return { kind: 'call-model', interactionType: INTERACTION_TYPES[kind], iteration: 1, offersTools: false };
    case 'turn-failed':
      return failed(last.errorCode, last.errorMessage);
    case 'turn': {
      // Some models put a synthesis into their thinking and leave the answer empty.
      const text = kind === 'synthesis' && last.text.trim() === '' ? last.thinking : last.text;
      if (text.trim() !== '') return completed(text);
      if (state.nudgesInRow < MOST_NUDGES) return { kind: 'add-message', reason: 'nudge', content: emptyAnswerNudge() };
      return failed('EMPTY_ANSWER', `the model gave no text ${MOST_NUDGES + 1} times in a row`);
    }
  }
}
