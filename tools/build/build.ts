/**
 * Compiles every server-side package (apps/*, libs/*, tools/cli) from src/ to dist/ with SWC, one file to one file.
 * An output carries the time of its source, and a file whose output has that time is left alone: a warm run only compares times (a few
 * milliseconds), and an older source that takes the place of a newer one is compiled too.
 * Types are checked by `npm run typecheck`; this step only removes them.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const settingsChangedAt = statSync(fileURLToPath(import.meta.url)).mtimeMs;

interface Job {
  source: string;
  output: string;
}

function packageFolders(): string[] {
  const groups = ['apps', 'libs'].flatMap((group) =>
    readdirSync(join(root, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'ui')
      .map((entry) => join(root, group, entry.name)),
  );
  return [...groups, join(root, 'tools', 'cli')].filter((folder) => existsSync(join(folder, 'src')));
}

function filesBelow(folder: string, suffix: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath, entry.name));
}

const outputOf = (folder: string, source: string): string =>
  join(folder, 'dist', relative(join(folder, 'src'), source)).replace(/\.ts$/, '.js');

/** In milliseconds; a change of this file makes every output stale. */
const timeOf = (source: string): number => Math.round(Math.max(statSync(source).mtimeMs, settingsChangedAt));

const isStale = ({ source, output }: Job): boolean =>
  !existsSync(output) || Math.round(statSync(output).mtimeMs) !== timeOf(source);

const stale: Job[] = [];
for (const folder of packageFolders()) {
  const sources = filesBelow(join(folder, 'src'), '.ts').filter((file) => !/\.(spec|fixture|d)\.ts$/.test(file));
  const wanted = new Set(sources.map((source) => outputOf(folder, source)));
  for (const output of filesBelow(join(folder, 'dist'), '.js')) if (!wanted.has(output)) rmSync(output);
  stale.push(...sources.map((source) => ({ source, output: outputOf(folder, source) })).filter(isStale));
}

if (stale.length > 0) {
  const { transformFile } = await import('@swc/core');
  for (const { source, output } of stale) {
    const { code, map } = await transformFile(source, {
      cwd: root,
      swcrc: false,
      configFile: false,
      sourceMaps: true,
      module: { type: 'nodenext' },
      jsc: {
        target: 'es2024',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        keepClassNames: true,
      },
    });
    mkdirSync(dirname(output), { recursive: true });
    const mapName = `${output.split('/').at(-1)}.map`;
    writeFileSync(`${output}.map`, map ?? '{}');
    writeFileSync(output, `${code}\n//# sourceMappingURL=${mapName}\n`);
    const seconds = timeOf(source) / 1_000;
    utimesSync(output, seconds, seconds);
  }
}
