import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stages know which stage of the plan they are: two may have the same name, and generated ones stand between them. */
export class PlanIndexOfStages1795290000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stages ADD COLUMN plan_index integer');
    await runner.query(`
      UPDATE stages SET plan_index = planned.position
      FROM (SELECT id, row_number() OVER (PARTITION BY session_id ORDER BY stage_index) - 1 AS position
            FROM stages WHERE stage_type IN ('investigation', 'action')) AS planned
      WHERE stages.id = planned.id`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stages DROP COLUMN plan_index');
  }
}
