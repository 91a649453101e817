import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Executions that wait are woken by their mail, and sub-agents have deadlines of their own. */
export class Mailboxes1795292000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE agent_executions
        ADD COLUMN mailbox jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN parked_at timestamptz,
        ADD COLUMN deadline_at timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE agent_executions DROP COLUMN mailbox, DROP COLUMN parked_at, DROP COLUMN deadline_at',
    );
  }
}
