import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this command line belongs to. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Downloaded servers; shared by all systems of this checkout. */
export const BINARIES = join(ROOT, '.tarsy', 'bin');
const DEFAULT_DATA_DIRECTORY = join(ROOT, '.tarsy', 'data');

export function dataDirectoryOf(option: string | undefined): string {
  return resolve(option ?? DEFAULT_DATA_DIRECTORY);
}
