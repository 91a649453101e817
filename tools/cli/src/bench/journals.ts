import { subjectFilters, type JournalEntry } from '@tarsy/contracts';
import { parseSessionLogMessage, type Messaging } from '@tarsy/messaging';

export type StepType = JournalEntry['type'] | 'tool-result';

export interface StoredStep {
  readonly executionId: string;
  readonly type: StepType;
  readonly storedAtMs: number;
}

/** When the steps of one execution were stored, in their order. */
export type ExecutionSteps = readonly StoredStep[];

/** What every execution of the system has done so far, by the clock of JetStream. */
export async function readExecutions(messaging: Messaging): Promise<ExecutionSteps[]> {
  const { jetstream, names } = messaging;
  const filters = [subjectFilters.journals, subjectFilters.toolResults];
  const consumer = await jetstream.consumers.get(names.stream('SESSIONS'), {
    filter_subjects: filters.map((subject) => names.qualify(subject)),
  });
  const steps: StoredStep[] = [];
  if ((await consumer.info(true)).num_pending > 0)
    for await (const message of await consumer.consume({ max_messages: 1_000 })) {
      const content = parseSessionLogMessage(names.unqualify(message.subject), message.data);
      const storedAtMs = message.info.timestampNanos / 1e6;
      if (content.kind === 'journal')
        steps.push({ executionId: content.entry.executionId, type: content.entry.type, storedAtMs });
      if (content.kind === 'tool-result')
        steps.push({ executionId: content.result.executionId, type: 'tool-result', storedAtMs });
      if (message.info.pending === 0) break;
    }
  await consumer.delete();
  return [...Map.groupBy(steps, ({ executionId }) => executionId).values()];
}

/** NaN where there is no such step. */
export function timeOf(steps: ExecutionSteps, type: StepType): number {
  return steps.find((step) => step.type === type)?.storedAtMs ?? NaN;
}

export function turnsOf(steps: ExecutionSteps): number {
  return steps.filter(({ type }) => type === 'turn').length;
}

/** From each turn to the next one. */
export function iterationTimesMs(steps: ExecutionSteps): number[] {
  const turns = steps.filter(({ type }) => type === 'turn').map(({ storedAtMs }) => storedAtMs);
  return turns.slice(1).map((atMs, index) => atMs - turns[index]!);
}

/** From each step of one type to the step of another type that follows it at once. */
export function pauseTimesMs(steps: ExecutionSteps, from: StepType, to: StepType): number[] {
  return steps.flatMap(({ type, storedAtMs }, index) => {
    const next = steps[index + 1];
    return type === from && next?.type === to ? [next.storedAtMs - storedAtMs] : [];
  });
}

/** How many executions ran at the same moment, at most. */
export function mostAtOnce(executions: readonly ExecutionSteps[]): number {
  const changes = executions.flatMap((steps) => [
    { atMs: timeOf(steps, 'claimed'), change: 1 },
    { atMs: timeOf(steps, 'concluded'), change: -1 },
  ]);
  let [now, most] = [0, 0];
  for (const { change } of changes.sort((one, other) => one.atMs - other.atMs)) most = Math.max(most, (now += change));
  return most;
}
