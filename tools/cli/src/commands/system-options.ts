import { type Command, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import { dataDirectoryOf } from '../paths.js';
import type { SystemOptions } from '../system/system.js';

/** Options of the commands that start a system, as commander gives them. */
export interface StartOptions {
  readonly configDir?: string;
  readonly dataDir?: string;
  readonly port?: number;
  readonly host: string;
  readonly workers?: number;
  readonly chainRunners?: number;
  readonly brokers?: number;
  readonly ingests?: number;
  readonly gateways?: number;
}

export function addStartOptions(command: Command): Command {
  const count = (flags: string, text: string): Option => new Option(flags, text).argParser(replicaCount);
  return addDataDirectoryOption(command)
    .option('--config-dir <dir>', 'folder with tarsy.yaml and llm-providers.yaml (default: the shipped config/)')
    .option('--port <n>', 'the one port to open; 0 is any free one (default: 8080, or the next free one)', portNumber)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(count('--workers <n>', 'replicas of agent-worker (default: 1)'))
    .addOption(count('--chain-runners <n>', 'replicas of chain-runner (default: 1)'))
    .addOption(count('--brokers <n>', 'replicas of mcp-broker (default: 1)'))
    .addOption(count('--ingests <n>', 'replicas of ingest (default: 1)'))
    .addOption(count('--gateways <n>', 'replicas of stream-gateway (default: 1)'));
}

export function addDataDirectoryOption(command: Command): Command {
  return command.option('--data-dir <dir>', 'where the system keeps its data (default: .tarsy/data)');
}

export function systemOptions(options: StartOptions): SystemOptions {
  return {
    dataDirectory: dataDirectoryOf(options.dataDir),
    configDirectory: options.configDir === undefined ? undefined : resolve(options.configDir),
    host: options.host,
    port: options.port,
    replicas: {
      'agent-worker': options.workers ?? 1,
      'chain-runner': options.chainRunners ?? 1,
      'mcp-broker': options.brokers ?? 1,
      ingest: options.ingests ?? 1,
      'stream-gateway': options.gateways ?? 1,
    },
  };
}

function portNumber(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

function replicaCount(text: string): number {
  return wholeNumber(text, 1, 50);
}

export function wholeNumber(text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < lowest || value > highest)
    throw new InvalidArgumentError(`must be a whole number from ${lowest} to ${highest}`);
  return value;
}
