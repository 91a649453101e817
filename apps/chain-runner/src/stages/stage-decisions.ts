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
  /** Position in the plan, from 0; a synthesis has that of the stage it merges. Null for a stage that is not planned. */
  readonly planIndex: number | null;
  readonly status: RunStatus;
  readonly errorMessage: string | null;
  readonly result: string | null;
}

/** What of a planned stage decides what follows it. */
export interface PlannedStage {
  /** Agent that merges the results of parallel agents; null or absent where one agent runs alone. */
  readonly synthesis?: unknown;
}

export type NextStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'stage'; readonly planIndex: number }
  /** The stage at `planIndex` ran more than one execution: their results become one. */
  | { readonly kind: 'synthesis'; readonly planIndex: number }
  | { readonly kind: 'executive-summary'; readonly finalAnalysis: string }
  | { readonly kind: 'end'; readonly status: TerminalStatus; readonly errorMessage?: string };

/** What follows the stages so far in a plan. Pure: the same rows give the same step. */
export function nextStep(stages: readonly StageOfSession[], plan: readonly PlannedStage[]): NextStep {
  const last = stages.at(-1);
  if (!last) return { kind: 'stage', planIndex: 0 };
  if (last.status === 'pending' || last.status === 'active' || last.status === 'paused') return { kind: 'wait' };
  if (last.stageType === 'exec_summary') {
    // A summary that failed is recorded on the session; the investigation itself is complete. A stop is a stop.
    return last.status === 'timed_out' || last.status === 'cancelled'
      ? { kind: 'end', status: last.status, ...messageOf(last) }
      : { kind: 'end', status: 'completed' };
  }
  if (last.status !== 'completed') return { kind: 'end', status: last.status, ...messageOf(last) };
  const planIndex = last.planIndex ?? 0;
  if (last.stageType !== 'synthesis' && plan[planIndex]?.synthesis) return { kind: 'synthesis', planIndex };
  if (planIndex + 1 < plan.length) return { kind: 'stage', planIndex: planIndex + 1 };
  const analysis = finalAnalysisOf(stages);
  return analysis ? { kind: 'executive-summary', finalAnalysis: analysis } : { kind: 'end', status: 'completed' };
}

/**
 * What follows when the session was told to stop: nothing new begins. A session whose last stage was complete already is complete;
 * whatever else its stages ended as, the stop was the reason.
 */
export function nextStepWhenStopped(
  stages: readonly StageOfSession[],
  plan: readonly PlannedStage[],
  stop: { readonly status: TerminalStatus; readonly reason: string },
): NextStep {
  const step = nextStep(stages, plan);
  const isComplete = step.kind === 'end' && stages.at(-1)?.status === 'completed';
  if (step.kind === 'wait' || isComplete) return step;
  return { kind: 'end', status: stop.status, errorMessage: stop.reason };
}

/**
 * Results that later stages build upon, in order: those of completed stages, where a synthesis stands for what it merged. An empty one
 * stays: that a stage found nothing is a finding.
 */
export function chainContextOf<Step extends StageOfSession>(stages: readonly Step[]): Step[] {
  const completed = stages.filter(({ status, stageType }) => status === 'completed' && stageType !== 'exec_summary');
  const merged = new Set(
    completed.filter(({ stageType }) => stageType === 'synthesis').map(({ planIndex }) => planIndex),
  );
  return completed.filter(({ stageType, planIndex }) => stageType === 'synthesis' || !merged.has(planIndex));
}

/** The last result that says something, among completed stages other than the summary. */
export function finalAnalysisOf(stages: readonly StageOfSession[]): string | undefined {
  const results = stages.filter(({ status, stageType }) => status === 'completed' && stageType !== 'exec_summary');
  return results.map(({ result }) => result?.trim()).findLast(Boolean);
}

function messageOf({ errorMessage }: StageOfSession): { errorMessage?: string } {
  return errorMessage === null ? {} : { errorMessage };
}
