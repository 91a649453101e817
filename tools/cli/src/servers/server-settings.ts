import { NATS_IDENTITIES, type NatsIdentity } from '@tarsy/contracts';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports.js';

/** What must be the same at the next start: ports where possible, passwords, and where PostgreSQL keeps its data. */
export interface ServerSettings {
  readonly natsPort: number;
  /** Of the operator, who may do everything. */
  readonly natsPassword: string;
  readonly natsPasswords: Readonly<Record<NatsIdentity, string>>;
  readonly postgresPort: number;
  readonly postgresPassword: string;
  readonly ownerPassword: string;
  readonly readerPassword: string;
  readonly redisPort: number;
  readonly redisPassword: string;
}

const secret = (): string => randomBytes(24).toString('hex');

/** Reads the settings of a data folder, or makes them; a port that somebody took meanwhile is replaced. */
export async function serverSettings(dataDirectory: string): Promise<ServerSettings> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const file = join(dataDirectory, 'servers.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<ServerSettings>) : {};
  const settings: ServerSettings = {
    natsPort: await freePort(known.natsPort),
    natsPassword: known.natsPassword ?? secret(),
    natsPasswords: Object.fromEntries(
      NATS_IDENTITIES.map((identity) => [identity, known.natsPasswords?.[identity] ?? secret()]),
    ) as Record<NatsIdentity, string>,
    postgresPort: await freePort(known.postgresPort),
    postgresPassword: known.postgresPassword ?? secret(),
    ownerPassword: known.ownerPassword ?? secret(),
    readerPassword: known.readerPassword ?? secret(),
    redisPort: await freePort(known.redisPort),
    redisPassword: known.redisPassword ?? secret(),
  };
  writeFileSync(file, JSON.stringify(settings, null, 2), { mode: 0o600 });
  return settings;
}
