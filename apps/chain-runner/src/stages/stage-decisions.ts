import type { RunStatus, StageType, TerminalStatus } from '@tarsy/contracts';

export interface EndedExecution {
  readonly agentName: string;
  readonly status: RunStatus;
  readonly errorMessage: string | null;
}

export interface StageResult {
  readonly status: TerminalStatus;
  readonly errorMessage: string | undefined;
}

/**
 * How a stage ended whose executions have all ended. One execution: its own status. Several: with `any` one success is enough, with
 * `all` every one must succeed; otherwise timed out or cancelled only if all failures are of that kind.
 */
export function aggregate(executions: readonly EndedExecution[], policy: 'all' | 'any'): StageResult {
  const failures = executions.filter(({ status }) => status !== 'completed');
  const succeeded = policy === 'all' ? failures.length === 0 : failures.length < executions.length;
  if (succeeded && executions.length > 0) return { status: 'completed', errorMessage: undefined };
  const [first] = failures;
  const errorMessage =
    executions.length === 1
      ? (first?.errorMessage ?? `agent ${first?.agentName ?? ''} ended as ${first?.status ?? 'unknown'}`)
      : failures.map(({ agentName, status, errorMessage }) => `${agentName}: ${errorMessage ?? status}`).join('; ');
  for (const kind of ['timed_out', 'cancelled'] as const)
    if (failures.length > 0 && failures.every(({ status }) => status === kind)) return { status: kind, errorMessage };
  return { status: 'failed', errorMessage };
}

export interface StageOfSession {
  readonly stageType: StageType;
  readonly status: RunStatus;
  readonly errorMessage: string | null;
  readonly result: string | null;
}

export type NextStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'stage'; readonly planIndex: number }
  | { readonly kind: 'executive-summary'; readonly finalAnalysis: string }
  | { readonly kind: 'end'; readonly status: TerminalStatus; readonly errorMessage?: string };

/** What follows the stages so far, given how many stages the chain has. Pure: the same rows give the same step. */
export function nextStep(stages: readonly StageOfSession[], plannedStages: number): NextStep {
  const last = stages.at(-1);
  if (!last) return { kind: 'stage', planIndex: 0 };
  if (last.status === 'pending' || last.status === 'active') return { kind: 'wait' };
  if (last.stageType === 'exec_summary') {
    // A summary that failed is recorded on the session; the investigation itself is complete. A stop is a stop.
    return last.status === 'timed_out' || last.status === 'cancelled'
      ? { kind: 'end', status: last.status, ...messageOf(last) }
      : { kind: 'end', status: 'completed' };
  }
  if (last.status !== 'completed') return { kind: 'end', status: last.status, ...messageOf(last) };
  const done = stages.filter(({ stageType }) => stageType === 'investigation' || stageType === 'action').length;
  if (done < plannedStages) return { kind: 'stage', planIndex: done };
  const analysis = finalAnalysisOf(stages);
  return analysis ? { kind: 'executive-summary', finalAnalysis: analysis } : { kind: 'end', status: 'completed' };
}

/**
 * What follows when the session was told to stop: nothing new begins. A session whose last stage was complete already is complete;
 * whatever else its stages ended as, the stop was the reason.
 */
export function nextStepWhenStopped(
  stages: readonly StageOfSession[],
  plannedStages: number,
  stop: { readonly status: TerminalStatus; readonly reason: string },
): NextStep {
  const step = nextStep(stages, plannedStages);
  const isComplete = step.kind === 'end' && stages.at(-1)?.status === 'completed';
  if (step.kind === 'wait' || isComplete) return step;
  return { kind: 'end', status: stop.status, errorMessage: stop.reason };
}

/** The last result that says something, among completed stages other than the summary. */
export function finalAnalysisOf(stages: readonly StageOfSession[]): string | undefined {
  const results = stages.filter(({ status, stageType }) => status === 'completed' && stageType !== 'exec_summary');
  return results.map(({ result }) => result?.trim()).findLast(Boolean);
}

function messageOf({ errorMessage }: StageOfSession): { errorMessage?: string } {
  return errorMessage === null ? {} : { errorMessage };
}
