import { InvalidArgumentError, type Command } from 'commander';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { Bench, type Benchmark } from '../bench/bench.js';
import type { BenchmarkResult } from '../bench/figures.js';
import { figureRows, thisMachine, useText, withFigures, type BenchReport } from '../bench/report.js';
import { chains } from '../bench/scenarios/chains.js';
import { concurrency } from '../bench/scenarios/concurrency.js';
import { ingest } from '../bench/scenarios/ingest.js';
import { loop } from '../bench/scenarios/loop.js';
import { models } from '../bench/scenarios/models.js';
import { viewers } from '../bench/scenarios/viewers.js';
import { CliError } from '../cli.errors.js';
import { ROOT } from '../paths.js';
import { ProcessRecord, recorded } from '../processes/process-record.js';
import { cleanUpRunFolders, createRunFolder, removeRunFolder } from '../servers/run-folder.js';
import { Servers } from '../servers/servers.js';
import { say, table } from './output.js';

interface BenchCommandOptions {
  readonly quick?: boolean;
  readonly json?: string;
  readonly profile?: string;
  readonly writeDocs?: boolean;
}

const BENCHMARKS: readonly Benchmark[] = [ingest, loop, concurrency, chains, viewers, models];
const NAMES = BENCHMARKS.map(({ name }) => name);
const DOCUMENT = join(ROOT, 'docs', 'performance.md');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description(`measure how fast it is: ${NAMES.join(', ')}, on servers that are started for it`)
    .argument('[names...]', 'which ones; default: all', collect)
    .option('--json <file>', 'write all figures to this file')
    .option('--write-docs', 'put the figures into docs/performance.md')
    .option('--profile <dir>', 'keep a processor profile of each service in this folder (slows it down a little)')
    .option('--quick', 'a short run that only shows that everything works')
    .action(async (names: string[], options: BenchCommandOptions) => {
      if (options.writeDocs && (options.quick || options.profile || names.length > 0))
        throw new CliError('--write-docs is for a whole run, without names, --quick or --profile');
      const chosen = BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name));
      const folder = join(ROOT, '.tarsy', 'bench');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await cleanUpRunFolders(folder, say);
      const report = await new BenchRun(createRunFolder(folder), options).run(chosen);
      if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
      if (options.writeDocs) writeFileSync(DOCUMENT, withFigures(readFileSync(DOCUMENT, 'utf8'), report));
    });
}

function collect(name: string, earlier: string[] = []): string[] {
  if (!NAMES.includes(name)) throw new InvalidArgumentError(`one of ${NAMES.join(', ')}`);
  return [...earlier, name];
}

/** One run on servers of its own; an interrupted one leaves nothing behind either. */
class BenchRun {
  readonly #record: ProcessRecord;
  readonly #servers: Servers;
  #bench: Bench | undefined;

  constructor(
    private readonly folder: string,
    private readonly options: BenchCommandOptions,
  ) {
    this.#record = new ProcessRecord(folder);
    this.#servers = new Servers(folder, { say, onChange: () => this.#save() }, { countsStatements: true });
  }

  async run(benchmarks: readonly Benchmark[]): Promise<BenchReport> {
    for (const signal of SIGNALS) process.on(signal, () => void this.#interrupt(signal));
    try {
      say('starting NATS, PostgreSQL and Redis for the benchmarks ...');
      const namespace = `bench${process.pid}`;
      const addresses = await this.#servers.start({ ...process.env, TARSY_NAMESPACE: namespace });
      const { quick = false, profile } = this.options;
      const bench = (this.#bench = new Bench({
        servers: this.#servers,
        addresses,
        namespace,
        folder: this.folder,
        isQuick: quick,
        profileDirectory: profile && resolve(profile),
        say,
        onChange: () => this.#save(),
      }));
      const results: BenchmarkResult[] = [];
      for (const benchmark of benchmarks) {
        results.push(await benchmark.run(bench));
        show(results.at(-1)!);
      }
      const machine = thisMachine(this.#servers.processes);
      return { isQuick: quick, measuredAt: new Date().toISOString(), machine, results };
    } finally {
      await this.#servers.stop();
      removeRunFolder(this.folder);
    }
  }

  async #interrupt(signal: (typeof SIGNALS)[number]): Promise<void> {
    say('stopping ...');
    await this.#bench?.abandon();
    await this.#servers.stop();
    removeRunFolder(this.folder);
    process.exit(128 + constants.signals[signal]);
  }

  #save(): void {
    const services = (this.#bench?.services ?? []).map(({ plan, identity }) => ({ name: plan.name, identity, stopSignal: 'SIGTERM' }) as const); // prettier-ignore
    this.#record.write(recorded([...services, ...this.#servers.processes]));
  }
}

function show(result: BenchmarkResult): void {
  console.log(`\n${table([result.title, 'measured', 'aim', ''], figureRows(result))}`);
  console.log(`${useText(result)}\n`);
}
