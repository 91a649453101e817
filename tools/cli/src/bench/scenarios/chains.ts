import { QueueInspector, SessionLog } from '@tarsy/messaging';
import { CliError } from '../../cli.errors.js';
import type { Bench, Benchmark } from '../bench.js';
import { isTransactionControl, type StatementUse } from '../database-use.js';
import { percentile, type BenchmarkResult, type Figure } from '../figures.js';
import { withInvestigations, type Investigations } from '../investigations.js';
import { storedMessages } from '../message-counts.js';
import { cpuSecondsOf } from '../process-use.js';
import { until } from '../until.js';

/** Single, single, parallel with one conclusion that is forced, replicas; the two last ones are followed by a synthesis, all by a summary. */
const STAGES = `
      - { name: gather, agents: [{ name: Investigator }] }
      - { name: examine, agents: [{ name: Investigator }] }
      - { name: debate, agents: [{ name: Investigator }, { name: Investigator, max_iterations: 1 }], success_policy: all }
      - { name: repeat, agents: [{ name: Investigator }], replicas: 2 }`;
const WORKERS = 2;

/** What the chain engine does in a second, and what a session costs in the database and in JetStream. */
export const chains: Benchmark = {
  name: 'chains',
  run: (bench) => {
    const sessions = bench.either(200, 5);
    const model = { toolTurns: 1, latencyMs: 0 };
    const replicas = { 'agent-worker': WORKERS };
    return withInvestigations(bench, { name: 'chains', model, sessions, stages: STAGES, replicas }, (investigations) =>
      measure(bench, investigations, sessions),
    );
  },
};

async function measure(bench: Bench, { system, submit }: Investigations, count: number): Promise<BenchmarkResult> {
  // Caches are filled, statements prepared.
  await completed(system, () => submit(Math.ceil(count / 10)));
  await until('all is recorded', () => isRecorded(system));
  const database = await system.countStatements();
  const before = await storedMessages(system.messaging);
  const use = bench.measureUse();
  bench.say(`chains: ${count} sessions at once ...`);
  const startedAtMs = Date.now();
  const endedAtMs = await completed(system, () => submit(count));
  await until('all is recorded', () => isRecorded(system));
  const processes = use.measure();
  const after = await storedMessages(system.messaging);
  const statements = await database?.statements();
  if (statements) await bench.keep('chains', 'statements.json', statements);
  const perSession = (total: number): number => total / count;
  const stored = (...streams: (keyof typeof after)[]): number =>
    perSession(streams.reduce((sum, stream) => sum + after[stream] - before[stream], 0));
  const cpuMs = (...names: string[]): number => perSession(1_000 * cpuSecondsOf(processes, ...names));
  return {
    name: 'chains',
    title: 'Sessions of four stages at once, model and tool answer at once',
    settings: { sessions: count, stages: 4, executions: 9, modelCalls: 15, workers: WORKERS },
    figures: [
      { name: 'completed', unit: 'sessions/s', value: (1_000 * count) / (Math.max(...endedAtMs) - startedAtMs) },
      { name: 'from the first alert to the end, p50', unit: 'ms', value: percentile(endedAtMs, 0.5) - startedAtMs },
      ...statementFigures(statements, perSession),
      { name: 'JetStream messages of a session', unit: '', value: stored(...STORED) },
      { name: 'of them: session log', unit: '', value: stored('SESSIONS') },
      { name: 'of them: tasks and outcomes', unit: '', value: stored('TASKS', 'OUTCOMES') },
      { name: 'of them: tool calls', unit: '', value: stored('TOOLCALLS') },
      { name: 'pieces of answers of a session, in memory only', unit: '', value: stored('CHUNKS') },
      { name: 'processor time of a session: chain-runner', unit: 'ms', value: cpuMs('chain-runner') },
      { name: 'processor time of a session: agent-workers', unit: 'ms', value: cpuMs('agent-worker') },
      { name: 'processor time of a session: PostgreSQL', unit: 'ms', value: cpuMs('postgresql') },
      { name: 'processor time of a session: NATS', unit: 'ms', value: cpuMs('nats-server') },
    ],
    processes,
  };
}

const STORED = ['ALERTS', 'TASKS', 'OUTCOMES', 'TOOLCALLS', 'COMMANDS', 'SESSIONS', 'DEADLETTERS'] as const;

function statementFigures(
  statements: readonly StatementUse[] | undefined,
  perSession: (total: number) => number,
): Figure[] {
  if (statements === undefined) return [];
  const calls = (of: readonly StatementUse[]): number => perSession(of.reduce((sum, each) => sum + each.calls, 0));
  const work = statements.filter((each) => !isTransactionControl(each));
  const commits = statements.filter(({ text }) => /^\s*COMMIT/i.test(text));
  return [
    { name: 'database statements of a session', unit: '', value: calls(work) },
    { name: 'of them: reads', unit: '', value: calls(work.filter(({ text }) => /^\s*(SELECT|WITH)/i.test(text))) },
    { name: 'transactions of a session that are begun and committed', unit: '', value: calls(commits) },
  ];
}

/** @returns when each session of those that `submit` makes was completed, by the clock of JetStream */
async function completed({ messaging }: Investigations['system'], submit: () => Promise<string[]>): Promise<number[]> {
  const listening = new AbortController();
  const ended = new Map<string, number>();
  let sessionIds: readonly string[] | undefined;
  const isDone = (): boolean => sessionIds?.every((id) => ended.has(id)) ?? false;
  const follow = async (): Promise<void> => {
    for await (const message of new SessionLog(messaging).followLifecycles(listening.signal)) {
      if (message.kind !== 'lifecycle' || message.event.type !== 'session-status-changed') continue;
      const { sessionId, status, errorMessage } = message.event;
      if (['failed', 'cancelled', 'timed_out'].includes(status))
        throw new CliError(`a session ${status}: ${errorMessage}`);
      if (status === 'completed') ended.set(sessionId, message.publishedAt.getTime());
    }
  };
  const following = follow();
  try {
    sessionIds = await submit();
    await Promise.race([following, until('all sessions end', isDone, { timeoutMs: 300_000 })]);
  } finally {
    listening.abort();
  }
  await following;
  return sessionIds.map((id) => ended.get(id)!);
}

/** The recorder and all others have done what there was to do. */
async function isRecorded({ messaging }: Investigations['system']): Promise<boolean> {
  const streams = await new QueueInspector(messaging).streams();
  return streams.every(({ consumers }) =>
    consumers.every(({ pending, ackPending }) => pending === 0 && ackPending === 0),
  );
}
