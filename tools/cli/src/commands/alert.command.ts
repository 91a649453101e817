import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { colors } from './colors.js';
import { CliError } from '../cli.errors.js';
import { addConnectionOptions, clientFor, type ConnectionOptions } from './connection.js';
import { followSession } from './session.command.js';

interface SubmitOptions extends ConnectionOptions {
  readonly type?: string;
  readonly data?: string;
  readonly file?: string;
  readonly severity?: string;
  readonly runbook?: string;
  readonly watch?: boolean;
}

export function addAlertCommand(program: Command): void {
  const alert = program.command('alert').description('alerts');
  addConnectionOptions(alert.command('submit'))
    .description('submit an alert; prints the id of its session')
    .option('--type <type>', 'alert type, which chooses the chain (default: the configured one)')
    .option('--data <text>', 'the alert itself')
    .option('--file <path>', 'read the alert from a file; - is standard input')
    .option('--severity <word>', 'critical, high, warning, info or low')
    .option('--runbook <url>', 'runbook for this alert')
    .option('--watch', 'follow the investigation to its end')
    .action(async (options: SubmitOptions) => {
      const client = await clientFor(options);
      const sessionId = await client.submit({
        data: await dataOf(options),
        ...(options.type ? { alert_type: options.type } : {}),
        ...(options.severity ? { severity: options.severity } : {}),
        ...(options.runbook ? { runbook: options.runbook } : {}),
      });
      console.log(sessionId);
      if (options.watch) await followSession(client, sessionId);
      else console.error(colors.dim(`follow it: ${client.url}/sessions/${sessionId}`));
    });
}

async function dataOf({ data, file }: SubmitOptions): Promise<string> {
  if (data !== undefined) return data;
  if (file === '-') return await text(process.stdin);
  if (file !== undefined) return readFileSync(file, 'utf8');
  throw new CliError('give the alert by --data or --file (- is standard input)');
}
