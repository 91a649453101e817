import pg from 'pg';

export interface StatementOptions {
  /** How long connecting may take; default 30 s. */
  readonly connectTimeoutMs?: number;
}

/** Runs one statement on a connection of its own. @returns its rows */
export async function runStatement<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  databaseUrl: string,
  statement: string,
  { connectTimeoutMs = 30_000 }: StatementOptions = {},
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: connectTimeoutMs });
  // A server that ends meanwhile fails the statement; the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The same server and role, with another database. */
export function withDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}
