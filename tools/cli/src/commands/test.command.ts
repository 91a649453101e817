import type { Command } from 'commander';
import { execa } from 'execa';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.js';
import { removePostgresData } from '../servers/postgres.js';
import { startServers } from '../servers/servers.js';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

export function addTestCommand(program: Command): void {
  program
    .command('test')
    .description('run every test, or those in the given paths, on real servers that are started for it')
    .argument('[paths...]', 'files or folders, such as tests/integration/messaging')
    .option('--project <name>', 'only this level: unit, integration or e2e')
    .option('-t, --test-name-pattern <pattern>', 'only tests whose title matches')
    .action(async (paths: string[], options: { project?: string; testNamePattern?: string }) => {
      process.exitCode = await runTests(paths, options);
    });
}

async function runTests(
  paths: readonly string[],
  options: { project?: string; testNamePattern?: string },
): Promise<number> {
  const folder = join(ROOT, '.tarsy', 'test');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const dataDirectory = mkdtempSync(join(folder, 'run-'));
  const say = (text: string): void => console.error(`tarsy: ${text}`);
  say('starting NATS, PostgreSQL and Redis for the tests ...');
  const servers = await startServers(dataDirectory, say);
  try {
    const report = join(dataDirectory, 'report.json');
    const { exitCode } = await execa(
      process.execPath,
      [
        join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
        'run',
        ...(options.project ? ['--project', options.project] : []),
        ...(options.testNamePattern ? ['-t', options.testNamePattern] : []),
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...paths,
      ],
      {
        cwd: ROOT,
        stdin: 'ignore',
        stdout: 'inherit',
        stderr: 'inherit',
        reject: false,
        env: {
          NATS_URL: servers.natsUrl,
          DATABASE_URL: servers.databaseAdministratorUrl,
          REDIS_URL: servers.redisUrl,
        },
      },
    );
    return summarise(report, exitCode ?? 1);
  } finally {
    await servers.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
    removePostgresData(dataDirectory);
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
