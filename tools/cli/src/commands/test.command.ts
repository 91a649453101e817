import type { Command } from 'commander';
import { execa, type ResultPromise } from 'execa';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../cli.errors.js';
import { ROOT } from '../paths.js';
import { ProcessRecord, recorded } from '../processes/process-record.js';
import {
  cleanUpRunFolders,
  createRunFolder,
  createTemporaryFolder,
  removeRunFolder,
  removeTemporaryFolder,
  stopStrays,
} from '../servers/run-folder.js';
import type { ServerAddresses } from '../servers/server-plan.js';
import { Servers } from '../servers/servers.js';
import { say } from './output.js';
import { wholeNumber } from './system-options.js';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

interface TestOptions {
  readonly project?: string;
  readonly testNamePattern?: string;
  readonly chaos?: true;
  readonly seeds?: number;
  readonly firstSeed?: number;
}

/** Time for test files to stop what they started when they are interrupted. */
const STOP_MS = 15_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function addTestCommand(program: Command): void {
  program
    .command('test')
    .description('run every test, or those in the given paths, on real servers that are started for it')
    .argument('[paths...]', 'files or folders, such as tests/integration/messaging')
    .option('--project <name>', 'only this level: unit, integration, e2e, chaos or ui')
    .option('-t, --test-name-pattern <pattern>', 'only tests whose title matches')
    .option('--chaos', 'only the crash tests, in their long form')
    .option('--seeds <count>', 'with --chaos: how many random crash tests to run (20)', (text) =>
      wholeNumber(text, 1, 100_000),
    )
    .option(
      '--first-seed <seed>',
      'with --chaos: seed of the first one; it determines what is killed and when (1)',
      (text) => wholeNumber(text, 1, 0xffff_ffff),
    )
    .action(async (paths: string[], options: TestOptions) => {
      if (!options.chaos && (options.seeds ?? options.firstSeed) !== undefined)
        throw new CliError('--seeds and --first-seed belong to --chaos: ./tarsy test --chaos --seeds 200');
      const folder = join(ROOT, '.tarsy', 'test');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await cleanUpRunFolders(folder, say);
      process.exitCode = await new TestRun(createRunFolder(folder)).run(paths, options);
    });
}

/** One run of vitest on servers of its own; an interrupted one leaves nothing behind either. */
class TestRun {
  readonly #record: ProcessRecord;
  readonly #servers: Servers;
  readonly #temporary: string;
  #vitest: ResultPromise | undefined;
  #interruptedBy: (typeof SIGNALS)[number] | undefined;

  constructor(private readonly dataDirectory: string) {
    this.#record = new ProcessRecord(dataDirectory);
    this.#temporary = createTemporaryFolder(dataDirectory);
    this.#servers = new Servers(dataDirectory, {
      say,
      onChange: () => this.#record.write(recorded(this.#servers.processes)),
    });
  }

  async run(paths: readonly string[], options: TestOptions): Promise<number> {
    for (const signal of SIGNALS) process.on(signal, () => this.#interrupt(signal));
    let hasFailed = false;
    try {
      say('starting NATS, PostgreSQL and Redis for the tests ...');
      const report = join(this.dataDirectory, 'report.json');
      const exitCode = await this.#runVitest(await this.#servers.start(), report, paths, options);
      hasFailed = exitCode !== 0 && this.#interruptedBy === undefined;
      if (this.#interruptedBy === undefined) return summarise(report, exitCode);
    } catch (error) {
      if (this.#interruptedBy === undefined) throw error;
    } finally {
      await this.#servers.stop();
      await stopStrays(this.dataDirectory, say);
      if (hasFailed && readdirSync(this.#temporary).length > 0)
        say(`the files of the tests, logs of services among them, are in ${this.#temporary}`);
      else removeTemporaryFolder(this.dataDirectory);
      removeRunFolder(this.dataDirectory);
    }
    return 128 + constants.signals[this.#interruptedBy];
  }

  #interrupt(signal: (typeof SIGNALS)[number]): void {
    if (this.#interruptedBy !== undefined) {
      this.#vitest?.kill('SIGKILL');
      this.#servers.kill();
      return;
    }
    this.#interruptedBy = signal;
    say('stopping ... (again to force)');
    if (this.#vitest) this.#vitest.kill(signal);
    else void this.#servers.stop();
  }

  async #runVitest(
    { natsUrl, databaseAdministratorUrl, redisUrl }: ServerAddresses,
    report: string,
    paths: readonly string[],
    { project, testNamePattern, chaos, seeds = 20, firstSeed = 1 }: TestOptions,
  ): Promise<number> {
    this.#vitest = execa(
      process.execPath,
      [
        join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
        'run',
        ...(chaos ? ['--project', 'chaos'] : project ? ['--project', project] : []),
        ...(testNamePattern ? ['-t', testNamePattern] : []),
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...paths,
      ],
      {
        cwd: ROOT,
        // Its own group, so that services which an interrupted test left behind can be found.
        detached: true,
        stdin: 'ignore',
        stdout: 'inherit',
        stderr: 'inherit',
        reject: false,
        forceKillAfterDelay: STOP_MS,
        env: {
          TMPDIR: this.#temporary,
          NATS_URL: natsUrl,
          DATABASE_URL: databaseAdministratorUrl,
          REDIS_URL: redisUrl,
          ...(chaos ? { TARSY_CHAOS_SEEDS: String(seeds), TARSY_CHAOS_FIRST_SEED: String(firstSeed) } : {}),
        },
      },
    );
    const { exitCode = 1 } = await this.#vitest;
    killGroup(this.#vitest.pid);
    return exitCode;
  }
}

/** What is left of a process group; nothing after a run that came to its end. */
function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function summarise(report: string, exitCode: number): number {
  if (!existsSync(report)) return exitCode || 1;
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport; // prettier-ignore
  const failed = Math.max(
    numFailedTests,
    exitCode !== 0 && numFailedTests === 0 ? Math.max(1, numFailedTestSuites) : 0,
  );
  console.log(`\n${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
  return failed > 0 || numPassedTests === 0 ? exitCode || 1 : exitCode;
}
