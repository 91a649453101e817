import { execa } from 'execa';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CliError } from '../cli.errors.js';
import { BINARIES } from '../paths.js';
import { canFetchDebianPackages, unpackDebianPackages } from './debian-packages.js';
import { isAtLeast, versionIn } from './versions.js';

export interface Binary {
  readonly path: string;
  readonly version: string;
  /** For libraries that were unpacked beside it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it comes from, for people. */
  readonly origin: string;
}

interface Wanted {
  readonly names: readonly string[];
  readonly minimum: string;
  readonly debian: { readonly packages: readonly string[]; readonly suite: string | undefined };
  readonly howToInstall: string;
}

export const NATS_SERVER: Wanted = {
  names: ['nats-server'],
  minimum: '2.12.0',
  // Debian 13 ships 2.10; the testing suite has a current one that needs only a libc of 2022.
  debian: { packages: ['nats-server'], suite: 'forky' },
  howToInstall: 'install nats-server 2.12 or newer (macOS: brew install nats-server; else https://github.com/nats-io/nats-server/releases) or set NATS_URL', // prettier-ignore
};

export const REDIS_SERVER: Wanted = {
  names: ['redis-server', 'valkey-server'],
  minimum: '6.2.0',
  debian: { packages: ['redis-server', 'redis-tools'], suite: undefined },
  howToInstall:
    'install Redis 6.2 or newer (macOS: brew install redis; Debian/Ubuntu: apt-get install redis-server) or set REDIS_URL',
};

/** What is there already: on `PATH` and new enough, or unpacked earlier. `tooOld` lists what was passed over. */
export async function findBinary(wanted: Wanted): Promise<{ found: Binary | undefined; tooOld: readonly Binary[] }> {
  const tooOld: Binary[] = [];
  for (const candidate of candidates(wanted)) {
    const version = await versionOf(candidate);
    if (version === undefined) continue;
    const binary = { ...candidate, version };
    if (isAtLeast(version, wanted.minimum)) return { found: binary, tooOld };
    tooOld.push(binary);
  }
  return { found: undefined, tooOld };
}

/** {@link findBinary}, else fetched into `.tarsy/bin` where that is possible. @throws {CliError} what to install */
export async function obtainBinary(wanted: Wanted, say: (text: string) => void, signal?: AbortSignal): Promise<Binary> {
  const { found, tooOld } = await findBinary(wanted);
  if (found) return found;
  const [name] = wanted.names;
  const seen = tooOld
    .map(({ path, version }) => `found ${path} ${version}, which is older than ${wanted.minimum}; `)
    .join('');
  if (!canFetchDebianPackages()) throw new CliError(`${name} is missing: ${seen}${wanted.howToInstall}`);
  say(`fetching ${name} into .tarsy/bin ...`);
  try {
    await fetchBinary(wanted, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new CliError(`${name} could not be fetched (${(error as Error).message}): ${seen}${wanted.howToInstall}`, {
      cause: error,
    });
  }
  const { found: fetched } = await findBinary(wanted);
  if (!fetched) throw new CliError(`the fetched ${name} does not run here or is too old: ${wanted.howToInstall}`);
  return fetched;
}

/** Replaces what lies there, which was found broken or too old, unless somebody else has just done so. */
async function fetchBinary(wanted: Wanted, signal: AbortSignal | undefined): Promise<void> {
  const target = unpackedRoot(wanted);
  mkdirSync(BINARIES, { recursive: true });
  const staging = mkdtempSync(`${target}.staging-`);
  try {
    const fetched = await unpackDebianPackages(wanted.debian.packages, wanted.debian.suite, staging, signal);
    if ((await findBinary(wanted)).found) return;
    if (existsSync(target)) renameSync(target, join(staging, 'replaced'));
    renameSync(fetched, target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

const unpackedRoot = ({ names }: Wanted): string => join(BINARIES, names[0]!);

function candidates(wanted: Wanted): Omit<Binary, 'version'>[] {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => wanted.names.map((name) => ({ path: join(folder, name), environment: {}, origin: 'PATH' })));
  const root = unpackedRoot(wanted);
  const architecture = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const environment = {
    LD_LIBRARY_PATH: [join(root, 'usr/lib', architecture), join(root, 'lib', architecture)].join(':'),
  };
  const unpacked = ['usr/sbin', 'usr/bin'].flatMap((folder) =>
    wanted.names.map((name) => ({ path: join(root, folder, name), environment, origin: '.tarsy/bin' })),
  );
  return [...onPath, ...unpacked].filter(({ path }) => existsSync(path));
}

async function versionOf({ path, environment }: Omit<Binary, 'version'>): Promise<string | undefined> {
  const { failed, stdout } = await execa(path, ['--version'], { env: environment, reject: false, timeout: 10_000 });
  return failed ? undefined : versionIn(stdout.replace(/^.*?v=/, ''));
}
