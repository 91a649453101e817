import type { AgentSpecification } from '@tarsy/contracts';
import type { ExecutionState } from './execution-state.js';
import { nextIteratingStep } from './iterating-steps.js';
import { nextSingleCallStep } from './single-call-steps.js';
import { failed, type Step } from './step.js';

/** What an agent of this kind does next. Pure. */
export function nextStep(state: ExecutionState, agent: AgentSpecification): Step {
  const { kind } = agent;
  switch (kind) {
    case 'investigation':
    case 'action':
      return nextIteratingStep(state, agent);
    case 'chat':
      // People wait for the answer: there is nobody else to let it go on.
      return nextIteratingStep(state, { ...agent, forceConclusion: true });
    case 'synthesis':
    case 'exec_summary':
      return nextSingleCallStep(state, kind);
    case 'scoring':
      return failed('AGENT_KIND_NOT_SUPPORTED', `agents of kind ${kind} are not supported yet`);
  }
}
