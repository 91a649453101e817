import { subjects } from '@tarsy/contracts';
import type { Messaging } from '@tarsy/messaging';
import { CliError } from '../../cli.errors.js';
import type { Bench, Benchmark } from '../bench.js';
import type { BenchSystem } from '../bench-system.js';
import { median, percentile, type BenchmarkResult } from '../figures.js';
import { cpuSecondsOf, type ProcessUses } from '../process-use.js';
import type { Program } from '../program.js';
import type { HttpOutcome } from '../programs/http-alerts.program.js';
import { until } from '../until.js';

const BODY_BYTES = 1_024;
const CONNECTIONS = 64;
const IN_FLIGHT = 64;
/** Durable name of ingest's consumer. */
const RAW_CONSUMER = 'ingest-raw';

interface Round {
  /** Messages stored, and messages moved from one stream to another, by loops that do nothing else. */
  readonly bare: number;
  readonly relay: number;
  readonly http: HttpOutcome;
  readonly httpRate: number;
  /** Of ingest, in microseconds for each alert. */
  readonly httpCpu: number;
  readonly natsCpu: number;
  readonly natsRate: number;
  readonly backlogRate: number;
}

/** How fast alerts are taken in, beside a bare loop that publishes as many messages of the same size to a stream of the same settings. */
export const ingest: Benchmark = {
  name: 'ingest',
  run: (bench) =>
    bench.withSystem(
      {
        name: 'ingest',
        apps: ['ingest'],
        tarsyYaml: `agent_chains: { bench: { alert_types: [bench], stages: [{ name: investigate, agents: [{ name: KubernetesAgent }] }] } }`,
        providersYaml: 'llm_providers: {}',
      },
      (system) =>
        bench.withProgram('publisher', (publisher) =>
          bench.withProgram('http-alerts', (http) => measure(bench, system, publisher, http)),
        ),
    ),
};

async function measure(bench: Bench, system: BenchSystem, publisher: Program, http: Program): Promise<BenchmarkResult> {
  const count = bench.either(20_000, 200);
  const rounds = bench.either(5, 1);
  // What runs first runs before the compiler has seen the code.
  await measureRound(bench, system, publisher, http, bench.either(10_000, 100));
  const use = bench.measureUse();
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    measured.push(await measureRound(bench, system, publisher, http, count));
    const { bare, httpRate, natsRate } = measured.at(-1)!;
    bench.say(`ingest ${round}/${rounds}: bare loop ${Math.round(bare)}/s, HTTP ${Math.round(httpRate)}/s, NATS ${Math.round(natsRate)}/s`); // prettier-ignore
  }
  const of = (figure: (round: Round) => number): number => median(measured.map(figure));
  return {
    name: 'ingest',
    title: 'Ingest of 1 KB alerts',
    settings: { rounds, alerts: count, bodyBytes: BODY_BYTES, connections: CONNECTIONS, inFlight: IN_FLIGHT },
    figures: [
      { name: 'bare loop, messages stored', unit: '/s', value: of(({ bare }) => bare) },
      { name: 'HTTP, alerts accepted', unit: '/s', value: of(({ httpRate }) => httpRate), aim: { least: 5_000 } },
      { name: 'HTTP beside the bare loop', unit: '%', value: of(({ bare, httpRate }) => (100 * httpRate) / bare) },
      { name: 'HTTP, request p50', unit: 'ms', value: of((round) => percentile(round.http.latenciesMs, 0.5)) },
      { name: 'HTTP, request p99', unit: 'ms', value: of((round) => percentile(round.http.latenciesMs, 0.99)) },
      { name: 'HTTP, processor time of ingest for an alert', unit: 'µs', value: of(({ httpCpu }) => httpCpu) },
      { name: 'bare relay from stream to stream, messages moved', unit: '/s', value: of(({ relay }) => relay) },
      { name: 'NATS, alerts accepted while they are published', unit: '/s', value: of(({ natsRate }) => natsRate) },
      { name: 'NATS, alerts accepted from a backlog', unit: '/s', value: of(({ backlogRate }) => backlogRate) },
      { name: 'NATS, processor time of ingest for an alert', unit: 'µs', value: of(({ natsCpu }) => natsCpu) },
      { name: 'NATS, from a backlog, beside the bare relay', unit: '%', value: of(({ relay, backlogRate }) => (100 * backlogRate) / relay) }, // prettier-ignore
      { name: 'NATS beside the bare loop', unit: '%', value: of(({ bare, natsRate }) => (100 * natsRate) / bare), aim: { least: 60 } }, // prettier-ignore
    ],
    processes: use.measure(),
  };
}

async function measureRound(
  bench: Bench,
  system: BenchSystem,
  publisher: Program,
  http: Program,
  count: number,
): Promise<Round> {
  const { messaging } = system;
  const publish = (subject: string, hasIds: boolean): Promise<number> =>
    publisher.call('publish', { natsUrl: bench.natsUrl, subject, count, bodyBytes: BODY_BYTES, inFlight: IN_FLIGHT, hasIds }); // prettier-ignore
  const { bareSeconds, relaySeconds } = await onBareStreams(messaging, async (fromStream, toStream) => ({
    bareSeconds: await publish(`${fromStream}.alert`, true),
    relaySeconds: await publisher.call<number>('relay', { natsUrl: bench.natsUrl, fromStream, toSubject: `${toStream}.alert`, count, inFlight: IN_FLIGHT }), // prettier-ignore
  }));

  const start = await accepted(messaging);
  const httpUse = bench.measureUse();
  const outcome = await http.call<HttpOutcome>('send', { url: system.url('ingest'), count, bodyBytes: BODY_BYTES, connections: CONNECTIONS }); // prettier-ignore
  if (outcome.accepted !== count || (await accepted(messaging)) !== start + count)
    throw new CliError(`of ${count} alerts over HTTP ${outcome.accepted} were accepted`);

  const cpuOfEach = (use: ProcessUses): number => (1e6 * cpuSecondsOf(use.measure(), 'ingest')) / count;
  const httpCpu = cpuOfEach(httpUse);
  const natsUse = bench.measureUse();
  const raw = messaging.names.qualify(subjects.rawAlert('json'));
  const natsSeconds = await secondsUntilAccepted(messaging, start + 2 * count, () => publish(raw, false));
  const natsCpu = cpuOfEach(natsUse);
  await setPaused(messaging, true);
  await publish(raw, false);
  await setPaused(messaging, false);
  // The consumer hears of its resumption with its next pull.
  await untilAccepted(messaging, start + 2 * count + 1);
  const backlogSeconds = await secondsUntilAccepted(messaging, start + 3 * count);
  return {
    bare: count / bareSeconds,
    relay: count / relaySeconds,
    http: outcome,
    httpRate: count / outcome.seconds,
    httpCpu,
    natsRate: count / natsSeconds,
    natsCpu,
    backlogRate: count / backlogSeconds,
  };
}

/** Two streams as that of raw alerts; both are named like the first part of their subjects. */
async function onBareStreams<Result>(
  messaging: Messaging,
  use: (from: string, to: string) => Promise<Result>,
): Promise<Result> {
  const { manager, names } = messaging;
  const { config } = await manager.streams.info(names.stream('ALERTS_RAW'));
  const [from, to] = [`${names.name}_bare_from`, `${names.name}_bare_to`];
  for (const name of [from, to]) await manager.streams.add({ ...config, name, subjects: [`${name}.>`] });
  try {
    return await use(from, to);
  } finally {
    for (const name of [from, to]) await manager.streams.delete(name);
  }
}

async function secondsUntilAccepted(
  messaging: Messaging,
  sequence: number,
  begin?: () => Promise<unknown>,
): Promise<number> {
  const startedAtMs = performance.now();
  await begin?.();
  await untilAccepted(messaging, sequence);
  return (performance.now() - startedAtMs) / 1_000;
}

async function untilAccepted(messaging: Messaging, sequence: number): Promise<void> {
  await until('all alerts are accepted', async () => (await accepted(messaging)) >= sequence, { everyMs: 5 });
}

async function accepted({ manager, names }: Messaging): Promise<number> {
  return (await manager.streams.info(names.stream('ALERTS'))).state.last_seq;
}

async function setPaused({ manager, names }: Messaging, isPaused: boolean): Promise<void> {
  const stream = names.stream('ALERTS_RAW');
  if (isPaused) await manager.consumers.pause(stream, RAW_CONSUMER, new Date(Date.now() + 600_000));
  else await manager.consumers.resume(stream, RAW_CONSUMER);
}
