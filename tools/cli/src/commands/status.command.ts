import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { colors } from './colors.js';
import { CliError } from '../cli.errors.js';
import { dataDirectoryOf } from '../paths.js';
import { identityOf, isRunning } from '../processes/process-identity.js';
import { ProcessRecord } from '../processes/process-record.js';
import { askSupervisor } from '../system/control.js';
import type { SystemStatus } from '../system/system-status.js';
import { say, table } from './output.js';
import { addDataDirectoryOption } from './system-options.js';

export function addStatusCommands(program: Command): void {
  addDataDirectoryOption(program.command('status'))
    .description('show every process and server of the running system; exits 0 only if all are healthy')
    .option('--json', 'as JSON, for programs')
    .action(async ({ dataDir, json }: { dataDir?: string; json?: boolean }) => {
      const status = await runningSystem(dataDirectoryOf(dataDir));
      console.log(json ? JSON.stringify(status, null, 2) : describe(status));
      if (!status.ready || status.processes.some(({ health }) => health !== 'healthy')) process.exitCode = 1;
    });
  addDataDirectoryOption(program.command('down'))
    .description('stop the running system; its data is kept')
    .action(async ({ dataDir }: { dataDir?: string }) => {
      const dataDirectory = dataDirectoryOf(dataDir);
      const stopping = await askSupervisor(dataDirectory, 'stop');
      if (!stopping) return await cleanUp(dataDirectory);
      say('stopping ...');
      const supervisor = identityOf(stopping.pid);
      while (supervisor && isRunning(supervisor)) await sleep(50);
      say('stopped');
    });
}

async function cleanUp(dataDirectory: string): Promise<void> {
  const stopped = await new ProcessRecord(dataDirectory).stopLeftovers(say);
  say(stopped > 0 ? 'stopped' : `nothing runs on ${dataDirectory}`);
}

/** @throws {CliError} nothing runs there */
export async function runningSystem(dataDirectory: string): Promise<SystemStatus> {
  const status = await askSupervisor(dataDirectory, 'status');
  if (!status) throw new CliError(`nothing runs on ${dataDirectory}; start it with \`tarsy up\``);
  return status;
}

function describe(status: SystemStatus): string {
  const rows = status.processes.map(({ name, replica, pid, port, health, restarts, version }) => [
    name,
    String(replica),
    String(pid),
    String(port),
    health === 'healthy' ? colors.green(health) : colors.yellow(health),
    restarts > 0 ? String(restarts) : '',
    version ?? '',
  ]);
  return [
    `${status.ready ? 'TARSy is up' : 'TARSy is starting or stopping'}: ${status.url}`,
    `model: ${status.model}`,
    '',
    table(['NAME', 'REPLICA', 'PID', 'PORT', 'HEALTH', 'RESTARTS', 'VERSION'], rows),
  ].join('\n');
}
