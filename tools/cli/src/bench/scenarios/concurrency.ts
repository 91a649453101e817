import { CliError } from '../../cli.errors.js';
import type { Bench, Benchmark } from '../bench.js';
import { percentile, type BenchmarkResult, type Figure } from '../figures.js';
import { withInvestigations, type Investigations } from '../investigations.js';
import { iterationTimesMs, mostAtOnce, readExecutions, timeOf, turnsOf, type ExecutionSteps } from '../journals.js';
import { until } from '../until.js';

const MODEL_MS = 1_000;
const TURNS = 10;
const MEMORY_AIM = { executions: 500, megabytes: 600 };

/** How many executions one worker carries at the same time when the model takes a second for each turn. */
export const concurrency: Benchmark = {
  name: 'concurrency',
  run: async (bench) => {
    const parts: BenchmarkResult[] = [];
    for (const executions of bench.either([500, 1_000], [10])) parts.push(await runWith(bench, executions));
    return {
      name: 'concurrency',
      title: 'Many executions in one worker, model takes 1 s for each turn',
      settings: { turns: TURNS, modelMs: MODEL_MS },
      figures: parts.flatMap(({ figures }) => figures),
      processes: parts.flatMap(({ settings, processes }) =>
        processes.map((use) => ({ ...use, name: `${use.name} at ${settings['executions']}` })),
      ),
    };
  },
};

async function runWith(bench: Bench, executions: number): Promise<BenchmarkResult> {
  const model = { toolTurns: bench.either(TURNS - 1, 1), latencyMs: bench.either(MODEL_MS, 50), holdsFirstTurns: true };
  bench.say(`concurrency: ${executions} executions ...`);
  return await withInvestigations(bench, { name: `concurrency${executions}`, model, sessions: executions }, (started) =>
    measure(bench, started, executions, model),
  );
}

async function measure(
  bench: Bench,
  { system, model, submit }: Investigations,
  count: number,
  { toolTurns, latencyMs }: { toolTurns: number; latencyMs: number },
): Promise<BenchmarkResult> {
  await submit(count);
  await until('all executions run', async () => (await model.call<number>('waiting')) === count, { everyMs: 200 });
  const use = bench.measureUse();
  const startedAtMs = Date.now();
  await model.call('release');
  await until('all sessions end', async () => (await ended(system.url('stream-gateway'))) >= count, { everyMs: 500, timeoutMs: 300_000 }); // prettier-ignore
  const processes = use.measure();
  const executions = (await readExecutions(system.messaging)).filter((steps) => turnsOf(steps) === toolTurns + 1);
  if (executions.length !== count) throw new CliError(`${executions.length} of ${count} executions ran to the end`);
  const memory = processes.find(({ name }) => name.startsWith('agent-worker'))?.peakMemoryMegabytes ?? NaN;
  return {
    name: 'concurrency',
    title: '',
    settings: { executions: count },
    figures: figuresOf(executions, startedAtMs, latencyMs, memory).map((figure) => ({
      ...figure,
      name: `${count}: ${figure.name}`,
    })),
    processes,
  };
}

function figuresOf(
  executions: readonly ExecutionSteps[],
  startedAtMs: number,
  latencyMs: number,
  memory: number,
): Figure[] {
  const lagsMs = executions.flatMap(iterationTimesMs).map((timeMs) => timeMs - latencyMs);
  const endedAtMs = Math.max(...executions.map((steps) => timeOf(steps, 'concluded')));
  const hasAim = executions.length === MEMORY_AIM.executions;
  return [
    { name: 'executions at once', unit: '', value: mostAtOnce(executions) },
    { name: 'completed', unit: '/s', value: executions.length / ((endedAtMs - startedAtMs) / 1_000) },
    { name: 'lag of a turn, p50', unit: 'ms', value: percentile(lagsMs, 0.5) },
    { name: 'lag of a turn, p99', unit: 'ms', value: percentile(lagsMs, 0.99) },
    { name: 'peak memory of the worker', unit: 'MB', value: memory, ...(hasAim ? { aim: { most: MEMORY_AIM.megabytes } } : {}) }, // prettier-ignore
  ];
}

/** Sessions in the database that have completed. */
async function ended(gatewayUrl: string): Promise<number> {
  const response = await fetch(`${gatewayUrl}/api/v1/sessions?status=completed&page_size=1`);
  const { pagination } = (await response.json()) as { pagination: { total_items: number } };
  return pagination.total_items;
}
