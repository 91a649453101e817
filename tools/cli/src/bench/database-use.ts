import { runStatement } from '../servers/sql.js';

/** One statement, its constants taken out, and how often it ran. */
export interface StatementUse {
  readonly text: string;
  readonly calls: number;
  /** Spent in PostgreSQL, all calls together. */
  readonly milliseconds: number;
}

const CONTROL = /^\s*(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i;

/** Counts what services ask of one database, by `pg_stat_statements`, from `begin` on. */
export class DatabaseUse {
  /** @param database Its name, of lower-case letters, digits and underscores. */
  private constructor(
    private readonly administratorUrl: string,
    private readonly database: string,
  ) {}

  /** @returns undefined where PostgreSQL does not count, or not for this role */
  static async begin(administratorUrl: string, database: string): Promise<DatabaseUse | undefined> {
    const counted = await runStatement(
      administratorUrl,
      `SELECT 1 FROM pg_settings, pg_roles WHERE name = 'pg_stat_statements.track' AND rolname = current_user AND rolsuper`,
    );
    if (counted.length === 0) return undefined;
    await runStatement(administratorUrl, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    await runStatement(
      administratorUrl,
      `SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = '${database}'`,
    );
    return new DatabaseUse(administratorUrl, database);
  }

  /** Most frequent first. */
  async statements(): Promise<StatementUse[]> {
    const rows = await runStatement<{ query: string; calls: string; milliseconds: number }>(
      this.administratorUrl,
      `SELECT query, sum(calls) AS calls, sum(total_exec_time) AS milliseconds
         FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
        WHERE datname = '${this.database}' GROUP BY query ORDER BY sum(calls) DESC`,
    );
    return rows.map(({ query: text, calls, milliseconds }) => ({ text, calls: Number(calls), milliseconds }));
  }
}

/** What begins or ends a transaction, which is not work by itself. */
export function isTransactionControl({ text }: StatementUse): boolean {
  return CONTROL.test(text);
}
