import { readFile } from 'node:fs/promises';

/** Content of a file of the kernel's; undefined where this system has none. */
export async function readProc(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 10;
}

/** `some avg10=0.00 avg60=0.12 …` of /proc/pressure: share of the last minute in which work waited. */
export function pressureSomePercent(text: string | undefined): number | undefined {
  const match = /^some .*?avg60=([\d.]+)/m.exec(text ?? '');
  return match ? Number(match[1]) : undefined;
}

export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'EPERM')
  );
}
