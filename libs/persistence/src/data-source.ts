import { DataSource } from 'typeorm';
import { AgentExecution } from './entities/agent-execution.entity.js';
import { AlertSession } from './entities/alert-session.entity.js';
import { Chat, ChatUserMessage } from './entities/chat.entity.js';
import { LlmInteractionRow, McpInteractionRow, MessageRow, TimelineEventRow } from './entities/recorded.entity.js';
import { Stage } from './entities/stage.entity.js';
import { CreateSessions1795200000000 } from './migrations/1795200000000-create-sessions.js';
import { Chats1795340000000 } from './migrations/1795340000000-chats.js';
import { ChatOfChain1795280000000 } from './migrations/1795280000000-chat-of-chain.js';
import { Mailboxes1795292000000 } from './migrations/1795292000000-mailboxes.js';
import { CostAndFallback1795310000000 } from './migrations/1795310000000-cost-and-fallback.js';
import { PlanIndexOfStages1795290000000 } from './migrations/1795290000000-plan-index-of-stages.js';
import { LimitsOfSessions1795293000000 } from './migrations/1795293000000-limits-of-sessions.js';
import { CostOfExecutions1795321000000 } from './migrations/1795321000000-cost-of-executions.js';
import { PausedExecutions1795291000000 } from './migrations/1795291000000-paused-executions.js';

/** Role of stream-gateway; it is granted SELECT by {@link migrate} where it exists. */
export const READER_ROLE = 'tarsy_reader';
/** Any number: it only has to be the same in every replica. */
const MIGRATION_LOCK = 4_011_795_200;

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Most connections of this process. Default 10. */
  readonly poolSize?: number;
  /** Every transaction is read-only, whatever the role may do. Default false. */
  readonly readOnly?: boolean;
}

/** Not yet connected: call `initialize()`. */
export function createDataSource({
  url,
  applicationName,
  poolSize = 10,
  readOnly = false,
}: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName,
    poolSize,
    entities: [
      AlertSession,
      Stage,
      AgentExecution,
      Chat,
      ChatUserMessage,
      TimelineEventRow,
      MessageRow,
      LlmInteractionRow,
      McpInteractionRow,
    ],
    migrations: [
      CreateSessions1795200000000,
      ChatOfChain1795280000000,
      PlanIndexOfStages1795290000000,
      PausedExecutions1795291000000,
      Mailboxes1795292000000,
      LimitsOfSessions1795293000000,
      CostAndFallback1795310000000,
      CostOfExecutions1795321000000,
      Chats1795340000000,
    ],
    migrationsTransactionMode: 'each',
    connectTimeoutMS: 10_000,
    extra: { keepAlive: true, ...(readOnly ? { options: '-c default_transaction_read_only=on' } : {}) },
  });
}

/** Brings the schema up to date. Replicas that start at once wait for each other; the later ones find nothing left to do. */
export async function migrate(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations();
    await grantReading(dataSource);
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await lock.release();
  }
}

async function grantReading(dataSource: DataSource): Promise<void> {
  const [role] = await dataSource.query<unknown[]>('SELECT 1 FROM pg_roles WHERE rolname = $1', [READER_ROLE]);
  if (role === undefined) return;
  await dataSource.query(`GRANT USAGE ON SCHEMA public TO ${READER_ROLE}`);
  await dataSource.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${READER_ROLE}`);
  // Tables that this role makes later, by hand or in a newer version that the reader sees first.
  await dataSource.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ${READER_ROLE}`);
}
