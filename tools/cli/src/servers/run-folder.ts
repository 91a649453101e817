import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessRecord } from '../processes/process-record.js';
import { removePostgresData } from './postgres.js';

const TEMPORARY_LINK = 'temporary';
/** Folder of a test, of one of its systems, and of that system's servers. */
const RECORD_DEPTH = 3;

/** A data folder for one run below `parent`, recorded as this process's own. */
export function createRunFolder(parent: string): string {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(parent, 'run-'));
  new ProcessRecord(folder).write([]);
  return folder;
}

/**
 * A folder for the temporary files of whatever a run starts, linked from its own folder. It lies below the system's temporary folder:
 * a path below the checkout may be too long for a socket.
 */
export function createTemporaryFolder(runFolder: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tarsy-run-'));
  symlinkSync(folder, join(runFolder, TEMPORARY_LINK));
  return folder;
}

/** Undefined for a run that has none. */
export function temporaryFolderOf(runFolder: string): string | undefined {
  try {
    return readlinkSync(join(runFolder, TEMPORARY_LINK));
  } catch {
    return undefined;
  }
}

/** Ends the servers and systems that were started below the run's temporary folder and still run. */
export async function stopStrays(runFolder: string, say: (text: string) => void): Promise<void> {
  for (const folder of recordFoldersBelow(temporaryFolderOf(runFolder))) {
    await new ProcessRecord(folder).stopAll(say);
    removePostgresData(folder);
  }
}

export function removeTemporaryFolder(runFolder: string): void {
  const temporary = temporaryFolderOf(runFolder);
  if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
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
    await stopStrays(folder, say);
    removeTemporaryFolder(folder);
    removeRunFolder(folder);
  }
}

function recordFoldersBelow(folder: string | undefined, depth = RECORD_DEPTH): string[] {
  if (depth === 0 || folder === undefined || !existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
  return below.flatMap((one) => [...(ProcessRecord.isIn(one) ? [one] : []), ...recordFoldersBelow(one, depth - 1)]);
}
