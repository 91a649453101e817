import { copyFileSync, existsSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';

const LARGEST_LOG_BYTES = 20 * 1024 ** 2;
const OLD_LOGS = 4;
const INTERVAL_MS = 2_000;

/** How much of a log is kept: `oldLogs` files `<log>.1`, the newest, and up, each a little over `largestBytes`. */
export interface LogLimits {
  readonly largestBytes: number;
  readonly oldLogs: number;
}

/**
 * Bounds logs that processes write by themselves. They keep their file open (for appending), so it is copied and emptied, not moved; lines
 * written between the two are lost.
 */
export function rotateLog(
  file: string,
  { largestBytes, oldLogs }: LogLimits = { largestBytes: LARGEST_LOG_BYTES, oldLogs: OLD_LOGS },
): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= largestBytes) return;
  rmSync(`${file}.${oldLogs}`, { force: true });
  for (let number = oldLogs - 1; number > 0; number--)
    if (existsSync(`${file}.${number}`)) renameSync(`${file}.${number}`, `${file}.${number + 1}`);
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** Rotates the logs named by `files` as they grow. Returns how to stop. */
export function keepLogsSmall(files: () => readonly string[], say: (text: string) => void): () => void {
  const failing = new Set<string>();
  const timer = setInterval(() => {
    for (const file of files())
      try {
        rotateLog(file);
        failing.delete(file);
      } catch (error) {
        if (!failing.has(file)) say(`${file} can not be rotated: ${(error as Error).message}`);
        failing.add(file);
      }
  }, INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
