import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Executions may wait for a person at their iteration limit. */
export class PausedExecutions1795291000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent_executions ADD COLUMN paused_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent_executions DROP COLUMN paused_at');
  }
}
