import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions that have ended may be asked about; each question has the stage that answers it. */
export class Chats1795340000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE chats (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL UNIQUE REFERENCES alert_sessions (id) ON DELETE CASCADE,
        chain_id text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        last_interaction_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE chat_user_messages (
        id uuid PRIMARY KEY,
        chat_id uuid NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
        session_id uuid NOT NULL,
        content text NOT NULL,
        author text NOT NULL,
        created_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX ON chat_user_messages (session_id)');
    await runner.query('CREATE INDEX ON chat_user_messages (chat_id)');
    await runner.query('ALTER TABLE stages ADD COLUMN chat_id uuid, ADD COLUMN chat_user_message_id uuid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stages DROP COLUMN chat_id, DROP COLUMN chat_user_message_id');
    await runner.query('DROP TABLE chat_user_messages');
    await runner.query('DROP TABLE chats');
  }
}
