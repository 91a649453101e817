import { runStatement, withDatabase } from '../tools/cli/src/servers/sql.js';

type TestServer = 'NATS_URL' | 'DATABASE_URL' | 'REDIS_URL';

/** Where a server of this test run is. */
export function required(name: TestServer): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run ./tarsy test, which provides the servers`);
  return value;
}

/** Runs a statement as the administrator of the test run's PostgreSQL. */
export async function onServer(statement: string): Promise<void> {
  await runStatement(required('DATABASE_URL'), statement);
}

/** A database of the test run's PostgreSQL, as its administrator. */
export function databaseUrlOf(name: string): string {
  return withDatabase(required('DATABASE_URL'), name);
}
