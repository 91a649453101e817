import { AlertSession, migrate, READER_ROLE, SessionsReader } from '@tarsy/persistence';
import { randomUUID } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { beforeAll, describe, expect, it } from 'vitest';
import { onServer } from '../../test-servers.js';
import { Databases } from './database.js';

const databases = new Databases();

const schemaOf = async (database: DataSource): Promise<unknown> => ({
  columns: await database.query(
    `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
     WHERE table_schema = 'public' ORDER BY table_name, column_name`,
  ),
  indexes: await database.query(
    `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname`,
  ),
});

const tablesOf = async (database: DataSource): Promise<string[]> =>
  (await database.query<{ tablename: string }[]>(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).map(
    ({ tablename }) => tablename,
  );

describe(migrate.name, () => {
  it('by four replicas at once makes an empty database ready, and each of them finds it so', async () => {
    const url = await databases.create();
    const replicas = await Promise.all([1, 2, 3, 4].map(() => databases.connect(url)));
    await Promise.all(replicas.map((replica) => migrate(replica)));
    const [first] = replicas;
    const applied = await first!.query<{ name: string }[]>('SELECT name FROM migrations');
    expect(applied).toHaveLength(first!.migrations.length);
    for (const replica of replicas) expect((await new SessionsReader(replica).active()).active).toEqual([]);
    const before = await schemaOf(first!);
    await migrate(first!);
    expect(await schemaOf(first!)).toEqual(before);
  });

  it('waits for another replica no longer than that one lives', async () => {
    const url = await databases.create();
    const [dead, alive] = [await databases.connect(url), await databases.connect(url)];
    const lock = dead.createQueryRunner();
    await lock.connect();
    await lock.query('SELECT pg_advisory_lock(4011795200)');
    const migrated = migrate(alive);
    await alive.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    await migrated;
    expect(await tablesOf(alive)).toContain('alert_sessions');
    await lock.release().catch(() => undefined);
  });

  it('brings an older database up to date and keeps its sessions', async () => {
    const database = await databases.connect(await databases.create());
    await migrate(database);
    const upToDate = await schemaOf(database);
    for (let left = database.migrations.length; left > 1; left--) await database.undoLastMigration();
    const id = randomUUID();
    await database.query(
      `INSERT INTO alert_sessions (id, alert_data, alert_type, chain_id, status, severity, priority_rank, title, source, created_at)
       VALUES ($1, 'disk is full', 'DiskFull', 'disk', 'completed', 'warning', 2, 'Disk full', 'api', now())`,
      [id],
    );
    await migrate(database);
    expect(await schemaOf(database)).toEqual(upToDate);
    expect(await new SessionsReader(database).find(id)).toMatchObject({
      alert_data: 'disk is full',
      chat_enabled: true,
    });
  });

  it('can be undone to nothing and done again', async () => {
    const database = await databases.connect(await databases.create());
    await migrate(database);
    const before = await schemaOf(database);
    for (let left = database.migrations.length; left > 0; left--) await database.undoLastMigration();
    expect(await tablesOf(database)).toEqual(['migrations']);
    await migrate(database);
    expect(await schemaOf(database)).toEqual(before);
  });

  it('gives every entity the columns that it has', async () => {
    const database = await databases.connect(await databases.create());
    await migrate(database);
    const columns = await database.query<{ table_name: string; column_name: string }[]>(
      `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'`,
    );
    for (const { tableName, columns: declared } of database.entityMetadatas)
      expect(
        columns
          .filter((column) => column.table_name === tableName)
          .map((column) => column.column_name)
          .sort(),
      ).toEqual(declared.map(({ databaseName }) => databaseName).sort());
  });
});

describe('the reading role', () => {
  beforeAll(async () => {
    await onServer(`
      DO $$ BEGIN CREATE ROLE ${READER_ROLE} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
    `);
  });

  it('reads every table and writes none, tables that are made later included', async () => {
    const database = await databases.connect(await databases.create());
    await migrate(database);
    await database.query('CREATE TABLE made_later (id integer)');
    const tables = await tablesOf(database);
    expect(tables.length).toBeGreaterThan(7);
    for (const table of tables) {
      const [rights] = await database.query<{ reads: boolean; writes: boolean }[]>(
        `SELECT has_table_privilege($1, $2, 'SELECT') AS reads,
                has_table_privilege($1, $2, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') AS writes`,
        [READER_ROLE, `public.${table}`],
      );
      expect({ table, ...rights }).toEqual({ table, reads: true, writes: false });
    }
    const [schema] = await database.query<{ creates: boolean }[]>(
      `SELECT has_schema_privilege($1, 'public', 'CREATE') AS creates`,
      [READER_ROLE],
    );
    expect(schema).toEqual({ creates: false });
  });

  it('can answer everything that the gateway asks', async () => {
    const database = await databases.connect(await databases.create());
    await migrate(database);
    const asReader = new DataSource({
      ...database.options,
      extra: { options: `-c role=${READER_ROLE}` },
    } as DataSourceOptions);
    await asReader.initialize();
    const reader = new SessionsReader(asReader);
    const id = randomUUID();
    expect(
      (await reader.list({ page: 1, pageSize: 10, sortBy: 'score', sortOrder: 'desc', search: 'disk' })).sessions,
    ).toEqual([]);
    expect(await reader.active()).toEqual({ active: [], queued: [] });
    expect((await reader.filterOptions()).alert_types).toEqual([]);
    for (const found of [
      reader.find(id),
      reader.status(id),
      reader.summary(id),
      reader.llmInteraction(id, id),
      reader.mcpInteraction(id, id),
    ])
      expect(await found).toBeUndefined();
    expect(await reader.timeline(id)).toEqual([]);
    expect(await reader.trace(id)).toEqual({ stages: [], session_interactions: [] });
    await expect(asReader.query('DELETE FROM alert_sessions')).rejects.toThrow('permission denied');
    await asReader.destroy();
  });

  it('is not needed where a connection may only read', async () => {
    const url = await databases.create();
    await migrate(await databases.connect(url));
    const reading = await databases.connect(url, true);
    expect(await reading.getRepository(AlertSession).count()).toBe(0);
    await expect(reading.query('DELETE FROM alert_sessions')).rejects.toThrow('read-only transaction');
  });
});
