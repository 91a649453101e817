import type { Command } from 'commander';
import { dataDirectoryOf } from '../paths.js';
import { ApiClient } from './api-client.js';
import { runningSystem } from './status.command.js';
import { addDataDirectoryOption } from './system-options.js';

export interface ConnectionOptions {
  readonly url?: string;
  readonly dataDir?: string;
}

export function addConnectionOptions(command: Command): Command {
  return addDataDirectoryOption(command).option(
    '--url <url>',
    'address of the system (default: the one running on the data folder)',
  );
}

export async function clientFor({ url, dataDir }: ConnectionOptions): Promise<ApiClient> {
  return new ApiClient(url?.replace(/\/$/, '') ?? (await runningSystem(dataDirectoryOf(dataDir))).url);
}
