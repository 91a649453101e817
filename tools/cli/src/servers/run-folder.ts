import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessRecord } from '../processes/process-record.js';
import { removePostgresData } from './postgres.js';

/** A data folder for one run below `parent`, recorded as this process's own. */
export function createRunFolder(parent: string): string {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(parent, 'run-'));
  new ProcessRecord(folder).write([]);
  return folder;
}

export function removeRunFolder(folder: string): void {
  removePostgresData(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Ends and removes what runs left that were killed; leaves those alone whose process still runs. */
export async function cleanUpRunFolders(parent: string, say: (text: string) => void): Promise<void> {
  for (const name of readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const folder = join(parent, name.name);
    const record = new ProcessRecord(folder);
    if (record.isOwnerRunning !== false) continue;
    await record.stopLeftovers(say);
    removeRunFolder(folder);
  }
}
