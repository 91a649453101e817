import type { SessionDetail } from '@tarsy/contracts';
import type { Command } from 'commander';
import { formatDuration } from '@tarsy/core';
import { CliError } from '../cli.errors.js';
import type { ApiClient } from './api-client.js';
import { addConnectionOptions, clientFor, type ConnectionOptions } from './connection.js';
import { table } from './output.js';
import { describeSession, SessionView } from './session-view.js';

interface ListOptions extends ConnectionOptions {
  readonly status?: string;
  readonly page: string;
  readonly pageSize: string;
  readonly json?: boolean;
}

export function addSessionCommand(program: Command): void {
  const session = program.command('session').description('investigations');
  addConnectionOptions(session.command('list'))
    .description('list sessions, newest first')
    .option('--status <list>', 'only these statuses, separated by commas')
    .option('--page <n>', 'page, from 1', '1')
    .option('--page-size <n>', '1 to 100', '25')
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => await list(options));
  addConnectionOptions(session.command('show'))
    .description('show one session with its analysis')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action(async (id: string, options: ConnectionOptions & { json?: boolean }) => {
      const detail = await (await clientFor(options)).session(id);
      console.log(options.json ? JSON.stringify(detail, null, 2) : describeSession(detail));
    });
  addConnectionOptions(session.command('watch'))
    .description('follow one session live until it ends; exits 0 only if it completed')
    .argument('<id>')
    .action(async (id: string, options: ConnectionOptions) => {
      const detail = await followSession(await clientFor(options), id);
      if (detail.status !== 'completed') process.exitCode = 1;
    });
  addConnectionOptions(session.command('ask'))
    .description('ask about a session that has ended; shows the answer as it is written')
    .argument('<id>')
    .argument('<question...>')
    .action(async (id: string, words: string[], options: ConnectionOptions) => {
      await ask(await clientFor(options), id, words.join(' '));
    });
}

/** Shows what the stage does that answers; nothing of the investigation before it. */
async function ask(client: ApiClient, id: string, question: string): Promise<void> {
  const { stage_id: stageId } = await client.ask(id, question);
  const view = new SessionView((text) => process.stdout.write(text));
  const own = new Set<string>();
  let status: string | undefined;
  for await (const event of client.watch(id, new AbortController().signal)) {
    if (event.type === 'stage.status' && event.stage_id === stageId) status = event.status;
    if (event.type === 'timeline_event.created' && event.stage_id === stageId) own.add(event.event_id);
    if ('event_id' in event && own.has(event.event_id)) view.show(event);
  }
  if (status === 'completed') return;
  throw new CliError(`the question was not answered: ${status ?? 'its end is not known'}`);
}

/** Shows the live events of a session, then its result. */
export async function followSession(
  client: ApiClient,
  id: string,
  signal = new AbortController().signal,
): Promise<SessionDetail> {
  const view = new SessionView((text) => process.stdout.write(text));
  for await (const event of client.watch(id, signal)) view.show(event);
  const detail = await client.session(id);
  console.log(`\n${describeSession(detail)}`);
  return detail;
}

async function list(options: ListOptions): Promise<void> {
  const parameters = new URLSearchParams({ page: options.page, page_size: options.pageSize });
  if (options.status) parameters.set('status', options.status);
  const answer = await (await clientFor(options)).sessions(parameters);
  if (options.json) return console.log(JSON.stringify(answer, null, 2));
  if (answer.sessions.length === 0) return console.log('no sessions yet; submit an alert with `tarsy alert submit`');
  const rows = answer.sessions.map((item) => [
    item.id,
    item.status,
    item.alert_type ?? '',
    item.chain_id,
    item.created_at,
    item.duration_ms === null ? '' : formatDuration(Math.round(item.duration_ms)),
  ]);
  console.log(table(['SESSION', 'STATUS', 'TYPE', 'CHAIN', 'CREATED', 'DURATION'], rows));
  const { page, total_pages, total_items } = answer.pagination;
  console.log(`page ${page} of ${total_pages}, ${total_items} in all`);
}
