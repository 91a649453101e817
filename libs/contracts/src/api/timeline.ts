import { z } from 'zod';
import {
  llmInteractionTypeSchema,
  mcpInteractionTypeSchema,
  stageTypeSchema,
  timelineEventTypeSchema,
  timelineStatusSchema,
} from '../enumerations.js';

const timestamp = z.iso.datetime();

/** What people see of a session, in the order of `sequence_number` within each execution. */
export const timelineEventViewSchema = z.object({
  id: z.uuid(),
  session_id: z.uuid(),
  stage_id: z.uuid().optional(),
  execution_id: z.uuid().optional(),
  parent_execution_id: z.uuid().optional(),
  sequence_number: z.int(),
  created_at: timestamp,
  updated_at: timestamp,
  event_type: timelineEventTypeSchema,
  status: timelineStatusSchema,
  content: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  llm_interaction_id: z.uuid().optional(),
  mcp_interaction_id: z.uuid().optional(),
  edges: z.object({}),
});
export type TimelineEventView = z.infer<typeof timelineEventViewSchema>;

/** One model call in the list of a trace. */
export const llmInteractionItemSchema = z.object({
  id: z.uuid(),
  interaction_type: llmInteractionTypeSchema,
  model_name: z.string(),
  input_tokens: z.int().optional(),
  output_tokens: z.int().optional(),
  total_tokens: z.int().optional(),
  cached_input_tokens: z.int().optional(),
  thinking_tokens: z.int().optional(),
  estimated_cost_usd: z.number().nonnegative().optional(),
  duration_ms: z.number().optional(),
  error_message: z.string().optional(),
  created_at: timestamp,
});
export type LlmInteractionItem = z.infer<typeof llmInteractionItemSchema>;

/** One tool call, or one listing of tools, in the list of a trace. */
export const mcpInteractionItemSchema = z.object({
  id: z.uuid(),
  interaction_type: mcpInteractionTypeSchema,
  server_name: z.string(),
  tool_name: z.string().optional(),
  duration_ms: z.number().optional(),
  error_message: z.string().optional(),
  created_at: timestamp,
});
export type McpInteractionItem = z.infer<typeof mcpInteractionItemSchema>;

export const executionTraceSchema = z.object({
  execution_id: z.uuid(),
  agent_name: z.string(),
  llm_interactions: z.array(llmInteractionItemSchema),
  mcp_interactions: z.array(mcpInteractionItemSchema),
  get sub_agents() {
    return z.array(executionTraceSchema).optional();
  },
});
export type ExecutionTrace = z.infer<typeof executionTraceSchema>;

export const sessionTraceSchema = z.object({
  stages: z.array(
    z.object({
      stage_id: z.uuid(),
      stage_name: z.string(),
      stage_type: stageTypeSchema,
      referenced_stage_id: z.uuid().optional(),
      executions: z.array(executionTraceSchema),
    }),
  ),
  session_interactions: z.array(llmInteractionItemSchema),
});
export type SessionTrace = z.infer<typeof sessionTraceSchema>;

export const llmInteractionDetailSchema = llmInteractionItemSchema.extend({
  thinking_content: z.string().optional(),
  llm_request: z.record(z.string(), z.unknown()),
  llm_response: z.record(z.string(), z.unknown()),
  response_metadata: z.record(z.string(), z.unknown()).optional(),
  conversation: z.array(
    z.object({
      role: z.enum(['system', 'user', 'assistant', 'tool']),
      content: z.string(),
      tool_calls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })).optional(),
      tool_call_id: z.string().optional(),
      tool_name: z.string().optional(),
    }),
  ),
});
export type LlmInteractionDetail = z.infer<typeof llmInteractionDetailSchema>;

export const mcpInteractionDetailSchema = mcpInteractionItemSchema.extend({
  /** `{raw}` where the arguments were no JSON object. */
  tool_arguments: z.record(z.string(), z.unknown()).optional(),
  tool_result: z.object({ content: z.string(), is_error: z.boolean() }).optional(),
  available_tools: z.array(z.object({ name: z.string(), description: z.string() })).optional(),
});
export type McpInteractionDetail = z.infer<typeof mcpInteractionDetailSchema>;
