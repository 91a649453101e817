/** Each statement takes one JSON array of rows. Columns merge so that the order in which rows come does not matter. */
const BASE = 'id uuid, session_id uuid, stage_id uuid, execution_id uuid, created_at timestamptz';

export const TIMELINE_EVENTS = `
  INSERT INTO timeline_events AS t (id, session_id, stage_id, execution_id, created_at, sequence_number, event_type, status, content,
    metadata, llm_interaction_id, mcp_interaction_id, updated_at)
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS row(${BASE}, sequence_number integer, event_type text, status text, content text,
    metadata jsonb, llm_interaction_id uuid, mcp_interaction_id uuid, updated_at timestamptz)
  ON CONFLICT (id) DO UPDATE SET
    created_at = LEAST(t.created_at, excluded.created_at),
    updated_at = GREATEST(t.updated_at, excluded.updated_at),
    sequence_number = GREATEST(t.sequence_number, excluded.sequence_number),
    status = CASE WHEN excluded.status = 'streaming' THEN t.status ELSE excluded.status END,
    content = CASE WHEN excluded.content = '' THEN t.content ELSE excluded.content END,
    metadata = t.metadata || excluded.metadata,
    llm_interaction_id = COALESCE(t.llm_interaction_id, excluded.llm_interaction_id),
    mcp_interaction_id = COALESCE(t.mcp_interaction_id, excluded.mcp_interaction_id)`;

export const MESSAGES = `
  INSERT INTO messages AS t (id, session_id, stage_id, execution_id, created_at, sequence_number, role, content, tool_calls,
    tool_call_id, tool_name)
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS row(${BASE}, sequence_number integer, role text, content text, tool_calls jsonb,
    tool_call_id text, tool_name text)
  ON CONFLICT (id) DO UPDATE SET
    created_at = LEAST(t.created_at, excluded.created_at),
    sequence_number = GREATEST(t.sequence_number, excluded.sequence_number),
    content = CASE WHEN excluded.content = '' THEN t.content ELSE excluded.content END`;

export const LLM_INTERACTIONS = `
  INSERT INTO llm_interactions (id, session_id, stage_id, execution_id, created_at, interaction_type, provider, model_name,
    sequence_number, llm_request, llm_response, thinking_content, input_tokens, output_tokens, thinking_tokens, total_tokens, cached_input_tokens,
    cache_write_input_tokens, estimated_cost_usd, duration_ms, error_message)
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS row(${BASE}, interaction_type text, provider text, model_name text,
    sequence_number integer, llm_request jsonb, llm_response jsonb, thinking_content text, input_tokens integer, output_tokens integer,
    thinking_tokens integer, total_tokens integer, cached_input_tokens integer, cache_write_input_tokens integer,
    estimated_cost_usd double precision, duration_ms double precision, error_message text)
  ON CONFLICT (id) DO NOTHING`;

/** The newest change of model wins, whatever order they come in; what an execution began with is the same in all of them. */
export const MODEL_SWITCHES = `
  UPDATE agent_executions AS e SET
    llm_provider = row.llm_provider, llm_backend = row.llm_backend, model_name = row.model_name,
    original_llm_provider = row.original_llm_provider, original_llm_backend = row.original_llm_backend,
    original_model_name = row.original_model_name, fallback_reason = row.fallback_reason,
    fallback_error_code = row.fallback_error_code, fallback_attempt = row.fallback_attempt
  FROM jsonb_to_recordset($1::jsonb) AS row(id uuid, llm_provider text, llm_backend text, model_name text, original_llm_provider text,
    original_llm_backend text, original_model_name text, fallback_reason text, fallback_error_code text, fallback_attempt integer)
  WHERE e.id = row.id AND coalesce(e.fallback_attempt, 0) < row.fallback_attempt`;

export const MCP_INTERACTIONS = `
  INSERT INTO mcp_interactions AS t (id, session_id, stage_id, execution_id, created_at, interaction_type, server_name, tool_name,
    tool_arguments, tool_result, available_tools, duration_ms, error_message)
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS row(${BASE}, interaction_type text, server_name text, tool_name text,
    tool_arguments jsonb, tool_result jsonb, available_tools jsonb, duration_ms double precision, error_message text)
  ON CONFLICT (id) DO UPDATE SET
    created_at = LEAST(t.created_at, excluded.created_at),
    tool_arguments = COALESCE(t.tool_arguments, excluded.tool_arguments),
    tool_result = COALESCE(t.tool_result, excluded.tool_result),
    duration_ms = COALESCE(t.duration_ms, excluded.duration_ms),
    error_message = COALESCE(t.error_message, excluded.error_message)`;
