import { execa } from 'execa';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli.errors.js';
import { mainArchiveIn, type DebianSource } from './debian-mirror.js';

/** Whether packages can be fetched here without installing anything. */
export function canFetchDebianPackages(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg') && systemArchive() !== undefined;
}

/**
 * Unpacks Debian packages below `folder` without installing them and without touching the system's package lists: apt works on lists
 * and a cache of its own, on the mirror that the system uses already. Needs no root.
 *
 * @param suite Such as `forky`; undefined is the system's own.
 * @returns Where they lie.
 */
export async function unpackDebianPackages(
  names: readonly string[],
  suite: string | undefined,
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  const archive = systemArchive();
  if (!archive) throw new CliError('no Debian archive is configured on this machine');
  const options = aptOptions(folder, { ...archive, suite: suite ?? archive.suite });
  const run = (command: string, given: readonly string[]): Promise<void> => runIn(folder, command, given, signal);
  await run('apt-get', [...options, '-qq', 'update']);
  await run('apt-get', [...options, '-qq', 'download', ...(await withLibraries(names, options))]);
  const root = join(folder, 'root');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) await run('dpkg', ['-x', file, root]);
  return root;
}

/** The packages and the shared libraries they name; libc belongs to the system. */
async function withLibraries(names: readonly string[], options: readonly string[]): Promise<string[]> {
  const { stdout } = await execa('apt-cache', [...options, 'show', '--no-all-versions', ...names]);
  const depends = [...stdout.matchAll(/^Depends: (.+)$/gm)].flatMap((match) => match[1]!.split(','));
  const libraries = depends.map((text) => text.trim().split(/[\s(|:]/)[0]!).filter((name) => /^lib/.test(name) && !/^libc6|^libgcc|^libstdc/.test(name)); // prettier-ignore
  return [...new Set([...names, ...libraries])];
}

function aptOptions(folder: string, { uri, suite, signedBy }: DebianSource): string[] {
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const list = join(folder, 'sources.list');
  writeFileSync(list, `deb ${signedBy ? `[signed-by=${signedBy}] ` : ''}${uri} ${suite} main\n`);
  return [
    ['Dir::Etc::sourcelist', list],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::State::lists', join(folder, 'lists')],
    ['Dir::Cache', join(folder, 'cache')],
    // Nobody else: downloads stay with whoever runs this.
    ['APT::Sandbox::User', 'root'],
    ['Acquire::Languages', 'none'],
    ['Debug::NoLocking', '1'],
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

async function runIn(
  cwd: string,
  command: string,
  options: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { failed, stderr, shortMessage } = await execa(command, options, {
    cwd,
    reject: false,
    stdin: 'ignore',
    timeout: 300_000,
    env: { LC_ALL: 'C' },
    ...(signal ? { cancelSignal: signal } : {}),
  });
  if (failed)
    throw new CliError(`${shortMessage ?? command}: ${stderr.split('\n').filter(Boolean).slice(-3).join(' ')}`);
}

function systemArchive(): DebianSource | undefined {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(sources|list)$/.test(name)).map((name) => join(folder, name)) : []; // prettier-ignore
  const texts = ['/etc/apt/sources.list', ...files]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
  return mainArchiveIn(texts);
}
