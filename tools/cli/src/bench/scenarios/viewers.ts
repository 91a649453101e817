import { CliError } from '../../cli.errors.js';
import type { Bench, Benchmark } from '../bench.js';
import { percentile, type BenchmarkResult } from '../figures.js';
import { withInvestigations, type Investigations } from '../investigations.js';
import type { Program } from '../program.js';
import type { ViewersOutcome } from '../programs/viewers.program.js';
import { until } from '../until.js';

interface Shape {
  readonly sessions: number;
  readonly viewersPerSession: number;
  readonly pieces: number;
  readonly everyMs: number;
}

const SHAPE: Shape = { sessions: 50, viewersPerSession: 20, pieces: 400, everyMs: 50 };
const QUICK_SHAPE: Shape = { sessions: 2, viewersPerSession: 2, pieces: 10, everyMs: 20 };

/** How long a piece of an answer takes from the model to everybody who watches. */
export const viewers: Benchmark = {
  name: 'viewers',
  run: (bench) => {
    const shape = bench.either(SHAPE, QUICK_SHAPE);
    const { sessions, pieces, everyMs } = shape;
    const model = { toolTurns: 0, latencyMs: 0, stream: { pieces, everyMs } };
    return withInvestigations(bench, { name: 'viewers', model, sessions }, (investigations) =>
      bench.withProgram('viewers', (program) => measure(bench, investigations, program, shape)),
    );
  },
};

async function measure(
  bench: Bench,
  { system, model, submit }: Investigations,
  program: Program,
  { sessions, viewersPerSession, pieces, everyMs }: Shape,
): Promise<BenchmarkResult> {
  const count = sessions * viewersPerSession;
  const sessionIds = await submit(sessions);
  await program.call('watch', { url: system.url('stream-gateway'), sessionIds, viewersPerSession });
  await until('everybody watches', async () => (await program.call<number>('watching')) === count);
  await until('every answer is ready', async () => (await model.call<number>('waiting')) === sessions);
  bench.say(`viewers: ${count} watch ${sessions} answers ...`);
  const use = bench.measureUse();
  await model.call('release');
  await until('all sessions end', async () => (await program.call<number>('ended')) >= count, { everyMs: 200 });
  const processes = use.measure();
  const { latenciesMs, ended } = await program.call<ViewersOutcome>('outcome');
  const expected = count * pieces;
  if (ended !== count || latenciesMs.length !== expected)
    throw new CliError(
      `${latenciesMs.length} of ${expected} pieces were seen, ${ended} of ${count} viewers saw the end`,
    );
  return {
    name: 'viewers',
    title: 'From a piece of the model to those who watch',
    settings: { viewers: count, sessions, piecesPerSecond: (sessions * 1_000) / everyMs, pieces },
    figures: [
      { name: 'pieces seen', unit: '/s', value: (count * 1_000) / everyMs },
      { name: 'delay, p50', unit: 'ms', value: percentile(latenciesMs, 0.5) },
      { name: 'delay, p99', unit: 'ms', value: percentile(latenciesMs, 0.99), aim: { most: 50 } },
      { name: 'delay, longest', unit: 'ms', value: percentile(latenciesMs, 1) },
    ],
    processes,
  };
}
