import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { formatDuration, parseDurationMs } from '@tarsy/core';
import { statfsSync } from 'node:fs';
import { cpus, freemem, hostname, loadavg, totalmem } from 'node:os';
import { colors } from './colors.js';
import { CliError } from '../cli.errors.js';
import { refuseSecond } from '../system/control.js';
import { ApiClient } from './api-client.js';
import { say } from './output.js';
import { followSession } from './session.command.js';
import { addStartOptions, systemOptions, type StartOptions } from './system-options.js';
import { startSystem } from './up.command.js';

interface DemoOptions extends StartOptions {
  readonly exit?: boolean;
  readonly timeout: number;
}

export function addDemoCommand(program: Command): void {
  addStartOptions(program.command('demo'))
    .description('start everything and follow one real investigation of this machine to its report')
    .option('--exit', 'stop everything afterwards; exits 0 only if the investigation completed')
    .addOption(
      new Option('--timeout <duration>', 'longest wait for the report').argParser(duration).default(600_000, '10m'),
    )
    .action(async (options: DemoOptions) => {
      const settings = systemOptions(options);
      const startedAtMs = Date.now();
      await refuseSecond(settings.dataDirectory);
      const system = await startSystem(settings);
      say(`ready after ${formatDuration(Date.now() - startedAtMs)}: ${colors.bold(system.url)}`);
      let completed: boolean;
      try {
        completed = await investigate(new ApiClient(system.url), options.timeout);
        say(`${formatDuration(Date.now() - startedAtMs)} from start to report`);
      } finally {
        if (options.exit) await system.stop();
      }
      if (!completed) process.exitCode = 1;
      if (options.exit) return;
      console.log(`\nTARSy goes on running: ${colors.bold(system.url)}  (Ctrl-C stops it)`);
      await system.stopped;
    });
}

async function investigate(client: ApiClient, timeoutMs: number): Promise<boolean> {
  const sessionId = await client.submit({
    alert_type: 'HostDiskPressure',
    severity: 'warning',
    data: alertAboutThisMachine(),
  });
  say(`alert submitted, session ${sessionId}`);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const { status } = await followSession(client, sessionId, limit);
    return status === 'completed';
  } catch (error) {
    if (limit.aborted) throw new CliError(`no report within ${formatDuration(timeoutMs)}`, { cause: error });
    throw error;
  }
}

/** The figures are this machine's own; whether they are a problem is for the investigation to say. */
function alertAboutThisMachine(): string {
  const { blocks, bavail, bsize } = statfsSync('/');
  return JSON.stringify(
    {
      alertname: 'HostDiskPressure',
      instance: hostname(),
      mountpoint: '/',
      summary: `Disk usage on ${hostname()} should be checked`,
      used_percent: Math.round((1 - bavail / blocks) * 1_000) / 10,
      available_bytes: bavail * bsize,
      memory_used_percent: Math.round((1 - freemem() / totalmem()) * 1_000) / 10,
      load_1m: loadavg()[0],
      cores: cpus().length,
      startsAt: new Date().toISOString(),
    },
    null,
    2,
  );
}

function duration(text: string): number {
  try {
    return parseDurationMs(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
