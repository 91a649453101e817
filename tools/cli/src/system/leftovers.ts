import { execa } from 'execa';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemStatusSchema, type SystemStatus } from './system-status.js';

const stateFile = (dataDirectory: string): string => join(dataDirectory, 'system.json');

export function writeState(dataDirectory: string, status: SystemStatus): void {
  writeFileSync(stateFile(dataDirectory), JSON.stringify(status, null, 2), { mode: 0o600 });
}

export function removeState(dataDirectory: string): void {
  rmSync(stateFile(dataDirectory), { force: true });
}

/** Address of the system that last ran on this data folder; undefined where none is known. */
export function lastKnownUrl(dataDirectory: string): string | undefined {
  return readState(dataDirectory)?.url;
}

/**
 * Ends what a supervisor that was killed left behind, so that its servers can start again on their data. A process counts as ours only
 * if its command line still looks like it: its number may belong to somebody else by now.
 */
export async function stopLeftovers(dataDirectory: string, say: (text: string) => void): Promise<void> {
  const state = readState(dataDirectory);
  if (!state) return;
  const alive: number[] = [];
  for (const { pid, name } of state.processes) if (pid > 0 && (await looksLikeOurs(pid))) {
    say(`stopping ${name} (pid ${pid}), left over from a supervisor that was killed`);
    process.kill(pid, name === 'postgresql' ? 'SIGINT' : 'SIGTERM');
    alive.push(pid);
  } // prettier-ignore
  const giveUpAt = Date.now() + 20_000;
  while (alive.some(isAlive) && Date.now() < giveUpAt) await sleep(50);
  for (const pid of alive.filter(isAlive)) process.kill(pid, 'SIGKILL');
  removeState(dataDirectory);
}

function readState(dataDirectory: string): SystemStatus | undefined {
  const file = stateFile(dataDirectory);
  if (!existsSync(file)) return undefined;
  try {
    return systemStatusSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function looksLikeOurs(pid: number): Promise<boolean> {
  const { stdout, failed } = await execa('ps', ['-o', 'args=', '-p', String(pid)], { reject: false });
  return !failed && /\/dist\/main\.js|nats-server|redis-server|valkey-server|\/bin\/postgres/.test(stdout);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
