import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stages have deadlines of their own; executions tell what they used up of their session's budget. */
export class LimitsOfSessions1795293000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stages ADD COLUMN deadline_at timestamptz');
    await runner.query(`
      ALTER TABLE agent_executions
        ADD COLUMN tokens_used bigint NOT NULL DEFAULT 0,
        ADD COLUMN tool_calls_used integer NOT NULL DEFAULT 0`);
    await runner.query('ALTER TABLE alert_sessions ADD COLUMN budget jsonb, ADD COLUMN running_since timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE alert_sessions DROP COLUMN budget, DROP COLUMN running_since');
    await runner.query('ALTER TABLE agent_executions DROP COLUMN tokens_used, DROP COLUMN tool_calls_used');
    await runner.query('ALTER TABLE stages DROP COLUMN deadline_at');
  }
}
