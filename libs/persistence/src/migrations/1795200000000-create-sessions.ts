import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions, stages, executions, and what the recorder projects from the session log. */
export class CreateSessions1795200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE alert_sessions (
        id uuid PRIMARY KEY,
        alert_data text NOT NULL,
        alert_type text NOT NULL,
        chain_id text NOT NULL,
        status text NOT NULL,
        severity text NOT NULL,
        priority_rank smallint NOT NULL,
        title text NOT NULL,
        source text NOT NULL,
        author text,
        labels jsonb NOT NULL DEFAULT '{}',
        group_key text,
        fingerprints jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        completed_at timestamptz,
        deadline_at timestamptz,
        error_message text,
        final_analysis text,
        executive_summary text,
        executive_summary_error text,
        runbook_url text,
        mcp_selection jsonb,
        slack_message_fingerprint text,
        current_stage_index integer,
        current_stage_id uuid,
        plan jsonb,
        resolutions jsonb NOT NULL DEFAULT '[]',
        lifecycle_revision integer NOT NULL DEFAULT 0,
        unpublished_lifecycle jsonb NOT NULL DEFAULT '[]',
        review_status text,
        deleted_at timestamptz
      );
      CREATE INDEX alert_sessions_status_created_at ON alert_sessions (status, created_at);
      CREATE INDEX alert_sessions_created_at ON alert_sessions (created_at DESC);
      CREATE INDEX alert_sessions_pending ON alert_sessions (priority_rank, created_at) WHERE status = 'pending';
      CREATE INDEX alert_sessions_group_key ON alert_sessions (group_key) WHERE group_key IS NOT NULL;

      CREATE TABLE stages (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES alert_sessions (id) ON DELETE CASCADE,
        stage_name text NOT NULL,
        stage_index integer NOT NULL,
        stage_type text NOT NULL,
        expected_agent_count integer NOT NULL,
        parallel_type text,
        success_policy text,
        status text NOT NULL,
        started_at timestamptz,
        completed_at timestamptz,
        error_message text,
        referenced_stage_id uuid,
        actions_executed boolean,
        UNIQUE (session_id, stage_index)
      );

      CREATE TABLE agent_executions (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES alert_sessions (id) ON DELETE CASCADE,
        stage_id uuid NOT NULL REFERENCES stages (id) ON DELETE CASCADE,
        agent_name text NOT NULL,
        agent_index integer NOT NULL,
        status text NOT NULL,
        started_at timestamptz,
        completed_at timestamptz,
        error_code text,
        error_message text,
        result text,
        forced_conclusion boolean NOT NULL DEFAULT false,
        iterations_used integer NOT NULL DEFAULT 0,
        llm_backend text NOT NULL,
        llm_provider text,
        model_name text,
        parent_execution_id uuid REFERENCES agent_executions (id) ON DELETE CASCADE,
        task text,
        wake_count integer NOT NULL DEFAULT 0
      );
      CREATE INDEX agent_executions_session_id ON agent_executions (session_id);
      CREATE UNIQUE INDEX agent_executions_top_level ON agent_executions (stage_id, agent_index) WHERE parent_execution_id IS NULL;
      CREATE UNIQUE INDEX agent_executions_sub_agents ON agent_executions (parent_execution_id, agent_index) WHERE parent_execution_id IS NOT NULL;
    `);
    // No foreign keys below: the recorder may be ahead of the state machine, and its rows are a projection that can be made again.
    const recorded = `
      id uuid PRIMARY KEY, session_id uuid NOT NULL, stage_id uuid NOT NULL, execution_id uuid NOT NULL, created_at timestamptz NOT NULL`;
    await runner.query(`
      CREATE TABLE timeline_events (${recorded},
        sequence_number integer NOT NULL,
        event_type text NOT NULL,
        status text NOT NULL,
        content text NOT NULL,
        metadata jsonb NOT NULL DEFAULT '{}',
        llm_interaction_id uuid,
        mcp_interaction_id uuid,
        updated_at timestamptz NOT NULL
      );
      CREATE INDEX timeline_events_session_id ON timeline_events (session_id, created_at);
      CREATE INDEX timeline_events_content ON timeline_events USING gin (to_tsvector('english', left(content, 100000)));

      CREATE TABLE messages (${recorded},
        sequence_number integer NOT NULL,
        role text NOT NULL,
        content text NOT NULL,
        tool_calls jsonb,
        tool_call_id text,
        tool_name text
      );
      CREATE INDEX messages_execution_id ON messages (execution_id, sequence_number);

      CREATE TABLE llm_interactions (${recorded},
        interaction_type text NOT NULL,
        provider text NOT NULL,
        model_name text NOT NULL,
        sequence_number integer NOT NULL,
        llm_request jsonb NOT NULL,
        llm_response jsonb NOT NULL,
        thinking_content text,
        input_tokens integer,
        output_tokens integer,
        thinking_tokens integer,
        total_tokens integer,
        duration_ms double precision NOT NULL,
        error_message text
      );
      CREATE INDEX llm_interactions_session_id ON llm_interactions (session_id, created_at);

      CREATE TABLE mcp_interactions (${recorded},
        interaction_type text NOT NULL,
        server_name text NOT NULL,
        tool_name text,
        tool_arguments jsonb,
        tool_result jsonb,
        available_tools jsonb,
        duration_ms double precision,
        error_message text
      );
      CREATE INDEX mcp_interactions_session_id ON mcp_interactions (session_id, created_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE mcp_interactions, llm_interactions, messages, timeline_events, agent_executions, stages, alert_sessions
    `);
  }
}
