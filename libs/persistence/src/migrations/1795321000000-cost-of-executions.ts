import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Executions tell what they cost, for budgets. */
export class CostOfExecutions1795321000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent_executions ADD COLUMN cost_used double precision NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent_executions DROP COLUMN cost_used');
  }
}
