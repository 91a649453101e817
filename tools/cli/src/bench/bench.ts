import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerAddresses } from '../servers/server-plan.js';
import type { Servers } from '../servers/servers.js';
import { BenchSystem, type BenchSystemOptions } from './bench-system.js';
import type { BenchmarkResult } from './figures.js';
import { Program } from './program.js';
import { ProcessUses } from './process-use.js';

export interface BenchOptions {
  readonly servers: Servers;
  readonly addresses: ServerAddresses;
  readonly namespace: string;
  readonly folder: string;
  /** A short run that shows that everything works; its figures say nothing. */
  readonly isQuick: boolean;
  readonly profileDirectory: string | undefined;
  readonly say: (text: string) => void;
  readonly onChange: () => void;
}

/** One question that is measured. */
export interface Benchmark {
  /** As it is named on the command line. */
  readonly name: string;
  readonly run: (bench: Bench) => Promise<BenchmarkResult>;
}

/** What benchmarks start, so that all of it can be ended at any time. */
export class Bench {
  readonly #systems = new Set<BenchSystem>();
  readonly #programs = new Set<Program>();

  constructor(private readonly options: BenchOptions) {}

  get natsUrl(): string {
    return this.options.addresses.natsUrl;
  }

  /** @returns the second one in a quick run */
  either<Value>(thorough: Value, quick: Value): Value {
    return this.options.isQuick ? quick : thorough;
  }

  say(text: string): void {
    this.options.say(text);
  }

  get services(): readonly BenchSystem['services'][number][] {
    return [...this.#systems].flatMap(({ services }) => services);
  }

  /** Runs `measure` on a system of its own and ends that. */
  async withSystem<Result>(
    system: BenchSystemOptions,
    measure: (system: BenchSystem) => Promise<Result>,
  ): Promise<Result> {
    const { addresses, namespace, folder, profileDirectory, onChange } = this.options;
    const started = await BenchSystem.start(system, {
      servers: addresses,
      namespace,
      folder,
      profileDirectory,
      onChange,
    });
    this.#systems.add(started);
    onChange();
    try {
      const result = await measure(started);
      started.assertUnbroken();
      return result;
    } finally {
      await started.stop();
      this.#systems.delete(started);
      onChange();
    }
  }

  /** Runs `use` with a load generator and ends that. */
  async withProgram<Result>(name: string, use: (program: Program) => Promise<Result>): Promise<Result> {
    const program = new Program(name);
    this.#programs.add(program);
    try {
      return await use(program);
    } finally {
      await program.stop();
      this.#programs.delete(program);
    }
  }

  /** Writes what explains the figures into the folder of the profiles, where one is wanted. */
  async keep(benchmark: string, file: string, content: unknown): Promise<void> {
    const { profileDirectory } = this.options;
    if (profileDirectory === undefined) return;
    await mkdir(join(profileDirectory, benchmark), { recursive: true });
    await writeFile(join(profileDirectory, benchmark, file), `${JSON.stringify(content, null, 2)}\n`);
  }

  /** Begins to measure what services, servers, load generators and the benchmark itself use. */
  measureUse(): ProcessUses {
    return new ProcessUses([
      ...this.services.map(({ plan, pid }) => ({ name: plan.name, pid })),
      ...this.options.servers.processes.map(({ name, pid }) => ({ name, pid })),
      ...[...this.#programs].map(({ name, pid }) => ({ name: `load: ${name}`, pid })),
      { name: 'load: bench', pid: process.pid, isAlone: true },
    ]);
  }

  /** Ends everything at once. */
  async abandon(): Promise<void> {
    for (const system of this.#systems) system.kill();
    await Promise.all([...this.#programs].map((program) => program.stop()));
  }
}
