import type { JournalEntryOf, ModelReference, TaskScheduled } from '@tarsy/contracts';
import type { ExecutionState } from './execution-state.js';
import { failureKindOf } from './failure-codes.js';
import type { ModelSwitch, Step } from './step.js';

/** So many failures of one kind in a row, and another model is tried. */
const ENOUGH_FAILURES = 2;

type Choice = Pick<TaskScheduled, 'model' | 'fallbackModels' | 'agent'>;

/** The model that the execution uses now. */
export function modelInUse(
  task: Pick<TaskScheduled, 'model'>,
  { switched }: Pick<ExecutionState, 'switched'>,
): ModelReference {
  return switched?.to ?? task.model;
}

/**
 * Another model instead of the loop's own step, where the one in use keeps failing, or would end the execution. Undefined where none is
 * due, or none is left. Pure.
 */
export function fallbackFirst(task: Choice, state: ExecutionState, step: Step): Step | undefined {
  const { last } = state;
  if (last?.type !== 'turn-failed' || !isDue(state, last.errorCode, step)) return undefined;
  const change = nextModel(task, state, last);
  return change && { kind: 'switch-model', change };
}

/** Whether there is another model to take over. */
export function hasFallback(task: Choice, state: ExecutionState): boolean {
  return othersOf(task, state).some(({ to }) => isCompatible(task, to));
}

function isDue({ failuresByKind, failuresInRow }: ExecutionState, errorCode: string, step: Step): boolean {
  const kind = failureKindOf(errorCode);
  if (kind === 'never') return false;
  const wouldEnd = step.kind === 'conclude' && step.conclusion.status === 'failed';
  if (isAtLimit(step) && failuresInRow >= ENOUGH_FAILURES) return true;
  return wouldEnd || kind === 'at-once' || failuresByKind[kind] >= ENOUGH_FAILURES;
}

/** Failures took the last iteration; another model gets back what they took. */
function isAtLimit(step: Step): boolean {
  return step.kind === 'park' ? step.reason === 'iteration-limit' : step.kind === 'add-message' && step.reason === 'conclude'; // prettier-ignore
}

/** Entries after the one in use that are another provider, in order. */
function othersOf(task: Choice, state: ExecutionState): { readonly to: ModelReference; readonly position: number }[] {
  const current = modelInUse(task, state);
  return (task.fallbackModels ?? [])
    .map((to, position) => ({ to, position }))
    .filter(({ to, position }) => position > (state.switched?.position ?? -1) && to.provider !== current.provider);
}

/** Only one backend has tools of the model itself. */
const isCompatible = ({ agent }: Choice, { backend }: ModelReference): boolean =>
  agent.needsNativeTools !== true || backend === 'google-native';

function nextModel(
  task: Choice,
  state: ExecutionState,
  failure: JournalEntryOf<'turn-failed'>,
): ModelSwitch | undefined {
  const others = othersOf(task, state);
  const next = others.find(({ to }) => isCompatible(task, to));
  if (next === undefined) return undefined;
  const current = modelInUse(task, state);
  return {
    attempt: (state.switched?.attempt ?? 0) + 1,
    original: nameOf(task.model),
    from: nameOf(current),
    ...next,
    reason: failure.errorMessage,
    errorCode: failure.errorCode,
    ...(failure.isRetryable === undefined ? {} : { errorIsRetryable: failure.isRetryable }),
    nativeToolsDropped: nativeToolsOf(current).filter((tool) => !nativeToolsOf(next.to).includes(tool)),
    skippedIncompatible: others.slice(0, others.indexOf(next)).map(({ to }) => to.provider),
  };
}

const nameOf = ({ provider, backend, model }: ModelReference): ModelSwitch['from'] => ({ provider, backend, model });

/** Tools of the model itself that it really has; only one backend knows any. */
function nativeToolsOf({ backend, nativeTools }: ModelReference): string[] {
  if (backend !== 'google-native') return [];
  return Object.keys(nativeTools).filter((tool) => nativeTools[tool] === true);
}
