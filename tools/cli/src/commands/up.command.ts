import type { Command } from 'commander';
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { colors } from './colors.js';
import { CliError } from '../cli.errors.js';
import { askSupervisor, refuseSecond } from '../system/control.js';
import type { SystemStatus } from '../system/system-status.js';
import { SUPERVISOR_LOG, System, type SystemOptions } from '../system/system.js';
import { say } from './output.js';
import { addStartOptions, systemOptions, type StartOptions } from './system-options.js';

export function addUpCommand(program: Command): void {
  addStartOptions(program.command('up'))
    .description('start the whole system and stay until Ctrl-C')
    .option('--detach', 'return when everything is healthy; stop it with `tarsy down`')
    .action(async (options: StartOptions & { detach?: boolean }, command: Command) => {
      const settings = systemOptions(options);
      await refuseSecond(settings.dataDirectory);
      if (options.detach) {
        const status = await startDetached(settings.dataDirectory, command);
        console.log(`TARSy is up: ${colors.bold(status.url)}`);
        return;
      }
      const system = await startSystem(settings);
      console.log(`TARSy is up: ${colors.bold(system.url)}  (Ctrl-C stops it)`);
      await system.stopped;
    });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts a system in this process and stops it on Ctrl-C; a second Ctrl-C does not wait. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const system = new System(options, say);
  let interrupted = false;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    // As a shell reports a process that a signal ended.
    const exitCode = 128 + constants.signals[signal];
    if (interrupted) {
      system.kill();
      process.exit(exitCode);
    }
    interrupted = true;
    say('stopping ... (again to force)');
    void system.stop().finally(() => process.exit(exitCode));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  await system.start();
  return system;
}

/** Runs `up` in a process of its own that outlives this one. */
async function startDetached(dataDirectory: string, command: Command): Promise<SystemStatus> {
  mkdirSync(join(dataDirectory, 'logs'), { recursive: true, mode: 0o700 });
  const logFile = join(dataDirectory, 'logs', SUPERVISOR_LOG);
  rmSync(logFile, { force: true });
  const log = openSync(logFile, 'a', 0o600);
  const options = process.argv.slice(process.argv.indexOf(command.name())).filter((option) => option !== '--detach');
  const child = spawn(process.execPath, ['--enable-source-maps', process.argv[1]!, ...options], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  say('starting ...');
  for (;;) {
    const status = await askSupervisor(dataDirectory, 'status');
    if (status?.ready) return status;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new CliError(`the system did not start:\n${readFileSync(logFile, 'utf8').trimEnd()}`);
    await sleep(50);
  }
}
