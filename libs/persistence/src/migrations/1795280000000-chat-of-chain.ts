import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether people may ask a session questions is a matter of its chain, pinned when the session is created. */
export class ChatOfChain1795280000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE alert_sessions ADD COLUMN chat_enabled boolean NOT NULL DEFAULT true');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE alert_sessions DROP COLUMN chat_enabled');
  }
}
