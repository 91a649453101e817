import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What model calls cost, and which model an execution began with before another took over. */
export class CostAndFallback1795310000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE llm_interactions
        ADD COLUMN cached_input_tokens integer,
        ADD COLUMN cache_write_input_tokens integer,
        ADD COLUMN estimated_cost_usd double precision;
      ALTER TABLE agent_executions
        ADD COLUMN original_llm_provider text,
        ADD COLUMN original_llm_backend text,
        ADD COLUMN original_model_name text,
        ADD COLUMN fallback_reason text,
        ADD COLUMN fallback_error_code text,
        ADD COLUMN fallback_attempt integer`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE llm_interactions
        DROP COLUMN cached_input_tokens,
        DROP COLUMN cache_write_input_tokens,
        DROP COLUMN estimated_cost_usd;
      ALTER TABLE agent_executions
        DROP COLUMN original_llm_provider,
        DROP COLUMN original_llm_backend,
        DROP COLUMN original_model_name,
        DROP COLUMN fallback_reason,
        DROP COLUMN fallback_error_code,
        DROP COLUMN fallback_attempt`);
  }
}
