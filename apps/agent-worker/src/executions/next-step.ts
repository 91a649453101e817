import type { AgentSpecification } from '@tarsy/contracts';
import type { ExecutionState } from './execution-state.js';
import { nextIteratingStep } from './iterating-steps.js';
import { nextSingleCallStep } from './single-call-steps.js';
import { failed, type Step } from './step.js';

/** What an agent of this kind does next. Pure. */
export function nextStep(state: ExecutionState, { kind, maxIterations }: AgentSpecification): Step {
  switch (kind) {
    case 'investigation':
    case 'action':
    case 'chat':
      return nextIteratingStep(state, maxIterations);
    case 'synthesis':
    case 'exec_summary':
      return nextSingleCallStep(state, kind);
    case 'scoring':
      return failed('AGENT_KIND_NOT_SUPPORTED', `agents of kind ${kind} are not supported yet`);
  }
}
