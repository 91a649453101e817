import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CliError } from '../cli.errors.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Where installers put a browser without a link on `PATH`. */
const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export const HOW_TO_GET_CHROMIUM =
  'install Chromium (Debian/Ubuntu: apt-get install chromium; macOS: brew install --cask chromium) or set TARSY_CHROMIUM to its path';

/**
 * The browser for tests/ui: `TARSY_CHROMIUM`, else the first one on `PATH` or in a usual place; undefined when there is none.
 *
 * @throws {CliError} `TARSY_CHROMIUM` names nothing that exists
 */
export function findChromium(environment: NodeJS.ProcessEnv, exists = existsSync): string | undefined {
  const named = environment['TARSY_CHROMIUM'];
  if (named && !exists(named)) throw new CliError(`TARSY_CHROMIUM is ${named}, which does not exist`);
  const onPath = (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return named || [...onPath, ...USUAL_PLACES].find((path) => exists(path));
}
