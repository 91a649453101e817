import { CliError } from '../../cli.errors.js';
import type { Bench, Benchmark } from '../bench.js';
import { median, percentile, type BenchmarkResult } from '../figures.js';
import { INSTANT_TOOL, withInvestigations, type Investigations } from '../investigations.js';
import { iterationTimesMs, pauseTimesMs, readExecutions, turnsOf, type StepType } from '../journals.js';
import { cpuSecondsOf } from '../process-use.js';
import type { Program } from '../program.js';
import { until } from '../until.js';

const ITERATIONS = 10;

/** What an iteration costs when model and tool answer at once, beside a loop that keeps nothing. */
export const loop: Benchmark = {
  name: 'loop',
  run: (bench) =>
    withInvestigations(
      bench,
      { name: 'loop', model: { toolTurns: ITERATIONS, latencyMs: 0 }, sessions: 5 },
      (investigations) =>
        bench.withProgram('bare-loop', (bare) =>
          bench.withProgram('viewers', (viewers) => measure(bench, investigations, bare, viewers)),
        ),
    ),
};

async function measure(
  bench: Bench,
  investigations: Investigations,
  bare: Program,
  viewers: Program,
): Promise<BenchmarkResult> {
  const [warmUps, sessions] = bench.either([20, 100], [1, 2]);
  await bare.call('start', { modelUrl: investigations.modelUrl, toolProgram: INSTANT_TOOL });
  const bareMs: number[] = [];
  const investigate = watchedInvestigations(investigations, viewers);
  for (let count = 0; count < warmUps; count++) {
    await bare.call('investigate');
    await investigate();
  }
  const use = bench.measureUse();
  for (let count = 1; count <= sessions; count++) {
    bareMs.push(...(await bare.call<number[]>('investigate')));
    await investigate();
    if (count % 20 === 0) bench.say(`loop: ${count}/${sessions} sessions`);
  }
  const processes = use.measure();
  const executions = (await readExecutions(investigations.system.messaging))
    .filter((steps) => turnsOf(steps) === ITERATIONS + 1)
    .slice(warmUps);
  if (executions.length !== sessions) throw new CliError(`${executions.length} of ${sessions} sessions ran to the end`);
  const part = (from: StepType, to: StepType): number =>
    median(executions.flatMap((steps) => pauseTimesMs(steps, from, to)));
  const cpuMs = (...names: string[]): number => (1_000 * cpuSecondsOf(processes, ...names)) / sessions;
  const [ours, theirs] = [median(executions.flatMap(iterationTimesMs)), median(bareMs)];
  return {
    name: 'loop',
    title: 'One iteration, model and tool answer at once',
    settings: { sessions, iterations: ITERATIONS },
    figures: [
      { name: 'iteration, median', unit: 'ms', value: ours, aim: { most: 4 } },
      { name: 'of it: turn stored to call stored', unit: 'ms', value: part('turn', 'tool-requested') },
      { name: 'of it: call stored to result stored', unit: 'ms', value: part('tool-requested', 'tool-result') },
      { name: 'of it: result stored to next turn stored', unit: 'ms', value: part('tool-result', 'turn') },
      { name: 'iteration, p99 of all', unit: 'ms', value: percentile(executions.flatMap(iterationTimesMs), 0.99) },
      { name: 'bare loop on the SDKs, median', unit: 'ms', value: theirs },
      { name: 'beyond the bare loop', unit: 'ms', value: ours - theirs },
      { name: 'processor time of a session: agent-worker', unit: 'ms', value: cpuMs('agent-worker') },
      { name: 'processor time of a session: mcp-broker and its tool', unit: 'ms', value: cpuMs('mcp-broker') },
      { name: 'processor time of a session: chain-runner', unit: 'ms', value: cpuMs('chain-runner') },
      {
        name: 'processor time of a session: other services',
        unit: 'ms',
        value: cpuMs('ingest', 'stream-gateway', 'notifier'),
      },
      {
        name: 'processor time of a session: NATS, PostgreSQL and Redis',
        unit: 'ms',
        value: cpuMs('nats-server', 'postgresql', 'redis'),
      },
    ],
    processes,
  };
}

/** One session after another, each watched to its end, so that everything is streamed, too. */
function watchedInvestigations({ system, submit }: Investigations, viewers: Program): () => Promise<void> {
  let ended = 0;
  return async () => {
    const sessionIds = await submit(1);
    await viewers.call('watch', { url: system.url('stream-gateway'), sessionIds, viewersPerSession: 1 });
    ended++;
    await until('the session ends', async () => (await viewers.call<number>('ended')) >= ended, { everyMs: 5 });
  };
}
