import type { SessionDetail, SessionList } from '@tarsy/contracts';
import { execa, type ResultPromise } from 'execa';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { removePostgresData } from '../../tools/cli/src/servers/postgres.js';
import { freePort } from '../../tools/cli/src/servers/ports.js';
import { temporaryFolderOf } from '../../tools/cli/src/servers/run-folder.js';
import { isAlive } from '../is-alive.js';
import { natsRefusals } from './nats-refusals.js';
import type { SystemStatus } from '../../tools/cli/src/system/system-status.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEST_RUNS = join(ROOT, '.tarsy', 'test');
const UNKNOWN_SESSION = '00000000-0000-4000-8000-000000000000';
const folder = mkdtempSync(join(tmpdir(), 'tarsy-command-line-'));
const dataDirectories = new Set<string>();

const OF_THE_TEST_RUN =
  /^(NATS_URL|REDIS_URL|DATABASE_.*|.*_API_KEY|TARSY_.*|CONFIG_DIR|NODE_ENV|NODE_OPTIONS|VITEST.*|FORCE_COLOR|NO_COLOR)$/;

/** As on a CI server where nothing is set up: no servers of the test run, no model keys. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_THE_TEST_RUN.test(name))),
  CI: 'true',
};

const settings = { env: environment, extendEnv: false, reject: false, stdin: 'ignore', timeout: 100_000 } as const;

function tarsy(...options: readonly string[]): ResultPromise<typeof settings> {
  return execa(join(ROOT, 'tarsy'), options, settings);
}

/** A data folder whose system is stopped and whose data is removed after the tests. */
function dataDirectory(name: string): string {
  const path = join(folder, name);
  dataDirectories.add(path);
  return path;
}

async function statusOf(directory: string): Promise<SystemStatus> {
  const { stdout, stderr } = await tarsy('status', '--json', '--data-dir', directory);
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout) as SystemStatus;
}

async function sessionsOf(directory: string): Promise<SessionList['sessions']> {
  const { stdout } = await tarsy('session', 'list', '--json', '--data-dir', directory);
  return (JSON.parse(stdout) as SessionList).sessions;
}

interface ProcessRecord {
  readonly owner: { readonly pid: number };
  readonly processes: readonly { readonly pid: number }[];
}

function recordIn(directory: string): ProcessRecord | undefined {
  const file = join(directory, 'processes.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord) : undefined;
}

/** Numbers of the processes that a data folder's supervisor has started so far. */
const startedBy = (directory: string): number[] => recordIn(directory)?.processes.map(({ pid }) => pid) ?? [];

afterAll(async () => {
  await Promise.all([...dataDirectories].map((directory) => tarsy('down', '--data-dir', directory)));
  for (const directory of dataDirectories) removePostgresData(directory);
  rmSync(folder, { recursive: true, force: true });
});

describe('tarsy demo', () => {
  it('runs an investigation to its report, stops everything and exits 0', async () => {
    const directory = dataDirectory('demo');
    const { exitCode, stdout, stderr } = await tarsy('demo', '--exit', '--data-dir', directory, '--port', '0');
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/session .*completed/);
    expect(stdout).toMatch(/Analysis/);
    expect(stdout, 'colours where nobody sees them').not.toContain('\u001b');
    expect(startedBy(directory)).toEqual([]);
    expect(natsRefusals(directory)).toEqual([]);
  });
});

describe('tarsy up', () => {
  const [left, right] = [dataDirectory('left'), dataDirectory('right')];

  async function up(directory: string): Promise<void> {
    const port = String(await freePort());
    const { exitCode, stderr } = await tarsy('up', '--detach', '--data-dir', directory, '--port', port);
    expect(exitCode, stderr).toBe(0);
  }

  async function investigate(directory: string): Promise<string> {
    const { exitCode, stdout, stderr } = await tarsy('alert', 'submit', '--data', `disk of ${directory}`, '--watch', '--data-dir', directory); // prettier-ignore
    expect(exitCode, stderr).toBe(0);
    return stdout.split('\n', 1)[0]!;
  }

  beforeAll(() => Promise.all([up(left), up(right)]));

  it('runs two systems side by side, neither of which sees the sessions of the other', async () => {
    const ids = await Promise.all([investigate(left), investigate(right)]);
    expect((await sessionsOf(left)).map(({ id, status }) => ({ id, status }))).toEqual([{ id: ids[0], status: 'completed' }]); // prettier-ignore
    expect((await sessionsOf(right)).map(({ id, status }) => ({ id, status }))).toEqual([{ id: ids[1], status: 'completed' }]); // prettier-ignore
    const { stdout } = await tarsy('session', 'show', ids[0], '--json', '--data-dir', left);
    expect((JSON.parse(stdout) as SessionDetail).final_analysis).not.toBe('');
  });

  it('brings a killed worker and a killed server back under new numbers', async () => {
    const names = ['agent-worker-1', 'nats-server'];
    const pids = ({ processes }: SystemStatus): number[] =>
      names.map((name) => processes.find((process) => process.name === name)!.pid);
    const before = pids(await statusOf(left));
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await vi.waitFor(
      async () => {
        const { exitCode, stdout } = await tarsy('status', '--json', '--data-dir', left);
        expect(exitCode, stdout).toBe(0);
        expect(pids(JSON.parse(stdout) as SystemStatus)).not.toEqual(expect.arrayContaining([before[0]]));
        expect(pids(JSON.parse(stdout) as SystemStatus)).not.toEqual(expect.arrayContaining([before[1]]));
      },
      { timeout: 40_000, interval: 250 },
    );
    await investigate(left);
    expect(readFileSync(join(left, 'logs', 'supervisor.log'), 'utf8')).toMatch(/agent-worker-1 ended \(SIGKILL\); starting it again/); // prettier-ignore
  });

  it('refuses a second system on the same data and says where the first one runs', async () => {
    const { exitCode, stderr } = await tarsy('up', '--data-dir', left);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`a system is running on ${left} already: ${(await statusOf(left)).url}`);
  });

  it('asks about a session that has ended', async () => {
    const id = await investigate(left);
    const { exitCode, stdout, stderr } = await tarsy('session', 'ask', id, 'Which', 'disk?', '--data-dir', left);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain('rules can not answer questions');
    expect(stdout, 'the investigation is not shown again').not.toContain('Likely cause');
    const { stdout: shown } = await tarsy('session', 'show', id, '--json', '--data-dir', left);
    const { stages, chat_message_count: count } = JSON.parse(shown) as SessionDetail;
    expect([count, stages.at(-1)?.chat_message?.content]).toEqual([1, 'Which disk?']);
    const unknown = await tarsy('session', 'ask', UNKNOWN_SESSION, 'Why?', '--data-dir', left);
    expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining('there is no session')]);
  });

  it('says that a session is unknown', async () => {
    for (const command of ['show', 'watch']) {
      const { exitCode, stderr } = await tarsy('session', command, UNKNOWN_SESSION, '--data-dir', left);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`there is no session ${UNKNOWN_SESSION}`);
    }
  });

  it('leaves no process behind after down, and keeps the data', async () => {
    const { processes } = await statusOf(left);
    const sessions = await sessionsOf(left);
    expect((await tarsy('down', '--data-dir', left)).exitCode).toBe(0);
    expect(processes.filter(({ pid }) => isAlive(pid))).toEqual([]);
    const { exitCode, stderr } = await tarsy('status', '--data-dir', left);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('nothing runs on')]);
    await up(left);
    expect(await sessionsOf(left)).toEqual(sessions);
  });

  it('stops what a killed supervisor left behind', async () => {
    const { pid, processes } = await statusOf(right);
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => !isAlive(pid), { timeout: 30_000 });
    const { exitCode, stderr } = await tarsy('down', '--data-dir', right);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('left over')]);
    expect(processes.filter((process) => isAlive(process.pid))).toEqual([]);
  });

  it('stops what it has started so far on a Ctrl-C while it starts', async () => {
    const directory = dataDirectory('interrupted');
    const running = tarsy('up', '--data-dir', directory, '--port', '0');
    await vi.waitUntil(() => startedBy(directory).length > 0, { timeout: 30_000, interval: 5 });
    const started = startedBy(directory);
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining('stopping')]);
    expect([...started, ...startedBy(directory)].filter(isAlive)).toEqual([]);
  });

  it('lists everything that is wrong with a configuration', async () => {
    const options = ['--data-dir', dataDirectory('misconfigured'), '--config-dir', join(folder, 'none')];
    const { exitCode, stderr } = await tarsy('up', ...options);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/tarsy\.yaml.*not found/);
    expect(stderr).toMatch(/llm-providers\.yaml.*not found/);
    expect(stderr).toMatch(/--config-dir/);
  });
});

describe('tarsy test', () => {
  /** `./tarsy` becomes the command line: both have one number. */
  const folderOf = (pid: number): string | undefined =>
    existsSync(TEST_RUNS)
      ? readdirSync(TEST_RUNS)
          .map((name) => join(TEST_RUNS, name))
          .find((directory) => recordIn(directory)?.owner.pid === pid)
      : undefined;

  async function startRun(...paths: readonly string[]): Promise<{
    run: ReturnType<typeof tarsy>;
    directory: string;
    started: readonly number[];
  }> {
    const run = tarsy('test', ...(paths.length > 0 ? paths : ['--project', 'unit', 'tools/cli']));
    const directory = await vi.waitUntil(
      () => {
        const found = folderOf(run.pid!);
        return found && startedBy(found).length > 0 ? found : undefined;
      },
      { timeout: 30_000, interval: 5 },
    );
    return { run, directory, started: startedBy(directory) };
  }

  it('leaves neither servers nor data behind when it is interrupted', async () => {
    const { run, directory, started } = await startRun();
    run.kill('SIGINT');
    expect((await run).exitCode).toBe(130);
    expect(existsSync(directory)).toBe(false);
    expect(started.filter(isAlive)).toEqual([]);
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves no server of a test behind after %s', async (signal) => {
    const { run, directory } = await startRun('tests/integration/permissions/waiting.spec.ts');
    const temporary = temporaryFolderOf(directory)!;
    const ofTests = (): number[] => readdirSync(temporary).flatMap((name) => startedBy(join(temporary, name)));
    const started = await vi.waitUntil(() => (ofTests().length > 0 ? ofTests() : undefined), {
      timeout: 60_000,
      interval: 5,
    });
    run.kill(signal);
    await run;
    if (signal === 'SIGKILL') {
      const next = await startRun();
      next.run.kill('SIGINT');
      await next.run;
    }
    expect(started.filter(isAlive)).toEqual([]);
    expect(existsSync(temporary)).toBe(false);
  });

  it('cleans up after an earlier run that was killed', async () => {
    const killed = await startRun();
    killed.run.kill('SIGKILL');
    await killed.run;
    const { run, started } = await startRun();
    expect(existsSync(killed.directory)).toBe(false);
    expect(killed.started.filter(isAlive)).toEqual([]);
    run.kill('SIGTERM');
    expect((await run).exitCode).toBe(143);
    expect(started.filter(isAlive)).toEqual([]);
  });
});
