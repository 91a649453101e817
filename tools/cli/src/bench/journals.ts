import type { JournalEntry } from '@tarsy/contracts';
import type { Messaging } from '@tarsy/messaging';
import { parseSessionLogMessage } from '@tarsy/messaging';
import { subjectFilters } from '@tarsy/contracts';

/** When the parts of one execution were stored, in milliseconds. */
export interface ExecutionTimes {
  readonly claimedAtMs: number;
  /** NaN while it runs. */
  readonly concludedAtMs: number;
  readonly turnsAtMs: readonly number[];
}

interface StoredEntry {
  readonly entry: Pick<JournalEntry, 'executionId' | 'type'>;
  readonly storedAtMs: number;
}

/** What every execution of the system has done so far, by the clock of JetStream. */
export async function readExecutions(messaging: Messaging): Promise<ExecutionTimes[]> {
  const consumer = await messaging.jetstream.consumers.get(messaging.names.stream('SESSIONS'), {
    filter_subjects: [messaging.names.qualify(subjectFilters.journals)],
  });
  const stored: StoredEntry[] = [];
  if ((await consumer.info(true)).num_pending > 0)
    for await (const message of await consumer.consume({ max_messages: 1_000 })) {
      const content = parseSessionLogMessage(messaging.names.unqualify(message.subject), message.data);
      if (content.kind === 'journal')
        stored.push({ entry: content.entry, storedAtMs: message.info.timestampNanos / 1e6 });
      if (message.info.pending === 0) break;
    }
  await consumer.delete();
  return executionTimes(stored);
}

export function executionTimes(stored: readonly StoredEntry[]): ExecutionTimes[] {
  const byExecution = Map.groupBy(stored, ({ entry }) => entry.executionId);
  return [...byExecution.values()].map((entries) => {
    const timesOf = (type: JournalEntry['type']): number[] =>
      entries.filter(({ entry }) => entry.type === type).map(({ storedAtMs }) => storedAtMs);
    return {
      claimedAtMs: timesOf('claimed')[0] ?? NaN,
      concludedAtMs: timesOf('concluded')[0] ?? NaN,
      turnsAtMs: timesOf('turn'),
    };
  });
}

/** From each turn to the next one. */
export function iterationTimesMs({ turnsAtMs }: Pick<ExecutionTimes, 'turnsAtMs'>): number[] {
  return turnsAtMs.slice(1).map((atMs, index) => atMs - turnsAtMs[index]!);
}

/** How many executions ran at the same moment, at most. */
export function mostAtOnce(executions: readonly ExecutionTimes[]): number {
  const changes = executions.flatMap(({ claimedAtMs, concludedAtMs }) => [
    { atMs: claimedAtMs, change: 1 },
    { atMs: concludedAtMs, change: -1 },
  ]);
  let [now, most] = [0, 0];
  for (const { change } of changes.sort((one, other) => one.atMs - other.atMs)) most = Math.max(most, (now += change));
  return most;
}
