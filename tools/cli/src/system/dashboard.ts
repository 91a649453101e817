import { execa } from 'execa';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli.errors.js';
import { ROOT } from '../paths.js';

const APP = join(ROOT, 'apps', 'ui');
const BUILT = join(APP, 'build');

/** Builds the dashboard when it is missing or older than its sources. */
export async function buildDashboard(say: (text: string) => void, signal: AbortSignal): Promise<string | undefined> {
  if (!existsSync(join(APP, 'vite.config.ts'))) return undefined;
  const index = join(BUILT, 'index.html');
  if (existsSync(index) && statSync(index).mtimeMs > newest(['src', 'static', 'vite.config.ts', 'package.json']))
    return BUILT;
  say('building the dashboard ...');
  const { failed, all } = await execa(
    process.execPath,
    [join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'), 'build'],
    {
      cwd: APP,
      reject: false,
      all: true,
      stdin: 'ignore',
      cancelSignal: signal,
    },
  );
  signal.throwIfAborted();
  if (failed) throw new CliError(`the dashboard could not be built:\n${withoutStack(all ?? '')}`);
  return BUILT;
}

function withoutStack(output: string): string {
  const lines = output.split('\n').filter((line) => !/^\s+at /.test(line));
  return lines.slice(-15).join('\n');
}

function newest(names: readonly string[]): number {
  const files = names.map((name) => join(APP, name)).filter((path) => existsSync(path)).flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      : [path],
  ); // prettier-ignore
  return Math.max(0, ...files.map((file) => statSync(file).mtimeMs));
}
