import { z } from 'zod';
import {
  parallelTypeSchema,
  runStatusSchema,
  sessionStatusSchema,
  severitySchema,
  stageTypeSchema,
} from '../enumerations.js';
import { mcpSelectionSchema } from '../messages/alerts.js';

const timestamp = z.iso.datetime();
const count = z.int().nonnegative();

export const costCompletenessSchema = z.enum(['complete', 'partial', 'none']);
export const scoreStatusSchema = z.enum(['pending', 'in_progress', 'completed', 'failed', 'timed_out', 'cancelled']);
export const reviewStatusSchema = z.enum(['needs_review', 'in_progress', 'reviewed']);
export const qualityRatingSchema = z.enum(['accurate', 'partially_accurate', 'inaccurate']);

const reviewFields = {
  review_status: reviewStatusSchema.nullable(),
  assignee: z.string().nullable(),
  quality_rating: qualityRatingSchema.nullable(),
  action_taken: z.string().nullable(),
  investigation_feedback: z.string().nullable(),
  feedback_edited: z.boolean(),
  feedback_edited_by: z.string().nullable(),
  feedback_edited_at: timestamp.nullable(),
};

const tokenFields = { input_tokens: count, output_tokens: count, total_tokens: count };

/** Present only where cost estimation is on. */
const costFields = {
  estimated_cost_usd: z.number().nonnegative().optional(),
  cost_completeness: costCompletenessSchema.optional(),
};

/** What the alert says about itself. */
const alertFields = {
  /** One line for people. */
  title: z.string(),
  severity: severitySchema,
};

const interactionFields = { llm_interaction_count: count, mcp_interaction_count: count };

/** One row of the list of sessions. */
export const sessionItemSchema = z.object({
  id: z.uuid(),
  alert_type: z.string().nullable(),
  ...alertFields,
  chain_id: z.string(),
  status: sessionStatusSchema,
  author: z.string().nullable(),
  created_at: timestamp,
  started_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
  duration_ms: z.number().nullable(),
  error_message: z.string().nullable(),
  executive_summary: z.string().nullable(),
  ...interactionFields,
  ...tokenFields,
  ...costFields,
  total_stages: count,
  completed_stages: count,
  has_parallel_stages: z.boolean(),
  has_sub_agents: z.boolean(),
  has_action_stages: z.boolean(),
  actions_executed: z.boolean().nullable(),
  chat_message_count: count,
  provider_fallback_count: count,
  current_stage_index: z.int().nullable(),
  current_stage_id: z.uuid().nullable(),
  /** The search text was found in the timeline. */
  matched_in_content: z.boolean(),
  latest_score: z.int().nullable(),
  scoring_status: scoreStatusSchema.nullable(),
  ...reviewFields,
});
export type SessionItem = z.infer<typeof sessionItemSchema>;

export const paginationSchema = z.object({
  page: z.int().positive(),
  page_size: z.int().positive(),
  /** 0 when nothing was found. */
  total_pages: count,
  total_items: count,
});
export type Pagination = z.infer<typeof paginationSchema>;

export const sessionListSchema = z.object({
  sessions: z.array(sessionItemSchema),
  pagination: paginationSchema,
  cost_estimation_enabled: z.boolean(),
});
export type SessionList = z.infer<typeof sessionListSchema>;

const waitingSession = sessionItemSchema.pick({
  id: true,
  alert_type: true,
  chain_id: true,
  status: true,
  author: true,
  created_at: true,
});

export const activeSessionsSchema = z.object({
  active: z.array(
    waitingSession.extend({
      started_at: timestamp.nullable(),
      current_stage_index: z.int().nullable(),
      current_stage_id: z.uuid().nullable(),
    }),
  ),
  /** Positions count from 1. */
  queued: z.array(waitingSession.extend({ queue_position: z.int().positive() })),
});
export type ActiveSessions = z.infer<typeof activeSessionsSchema>;

export const filterOptionsSchema = z.object({
  alert_types: z.array(z.string()),
  chain_ids: z.array(z.string()),
  statuses: z.array(sessionStatusSchema),
});
export type FilterOptions = z.infer<typeof filterOptionsSchema>;

const executionFields = z.object({
  execution_id: z.uuid(),
  agent_name: z.string(),
  agent_index: z.int().positive(),
  status: runStatusSchema,
  llm_backend: z.string(),
  llm_provider: z.string().nullable(),
  model_name: z.string().optional(),
  started_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
  duration_ms: z.number().nullable(),
  error_message: z.string().nullable(),
  ...tokenFields,
  ...costFields,
  unpriced_interaction_count: count.optional(),
  parent_execution_id: z.uuid().optional(),
  task: z.string().optional(),
  original_llm_provider: z.string().optional(),
  original_llm_backend: z.string().optional(),
  original_model_name: z.string().optional(),
  fallback_reason: z.string().optional(),
  fallback_error_code: z.string().optional(),
  fallback_attempt: z.int().optional(),
});

/** One run of one agent. Token counts of a parent include its sub-agents. */
export const executionViewSchema = executionFields.extend({
  get sub_agents() {
    return z.array(executionViewSchema).optional();
  },
});
export type ExecutionView = z.infer<typeof executionViewSchema>;

export const stageViewSchema = z.object({
  id: z.uuid(),
  stage_name: z.string(),
  stage_index: z.int().positive(),
  stage_type: stageTypeSchema,
  status: runStatusSchema,
  parallel_type: parallelTypeSchema.nullable(),
  expected_agent_count: count,
  /** A synthesis points at the stage that it merges. */
  referenced_stage_id: z.uuid().optional(),
  started_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
  executions: z.array(executionViewSchema).optional(),
  /** Of a `chat` stage: the question that it answers. */
  chat_message: z
    .object({
      message_id: z.uuid(),
      content: z.string(),
      author: z.string(),
      created_at: timestamp,
      /** Null until there is one, and where the stage ended without. */
      answer: z.string().nullable(),
    })
    .optional(),
});
export type StageView = z.infer<typeof stageViewSchema>;

/** One stage of the chain as it was configured when the session was admitted. */
export const plannedStageSchema = z.object({
  stage_name: z.string(),
  stage_type: stageTypeSchema,
  /** Names of its agents, one for each execution. */
  agents: z.array(z.string()),
});
export type PlannedStage = z.infer<typeof plannedStageSchema>;

export const sessionDetailSchema = z.object({
  id: z.uuid(),
  alert_data: z.string(),
  alert_type: z.string().nullable(),
  ...alertFields,
  status: sessionStatusSchema,
  chain_id: z.string(),
  author: z.string().nullable(),
  error_message: z.string().nullable(),
  final_analysis: z.string().nullable(),
  executive_summary: z.string().nullable(),
  executive_summary_error: z.string().nullable(),
  runbook_url: z.string().nullable(),
  slack_message_fingerprint: z.string().optional(),
  mcp_selection: mcpSelectionSchema.optional(),
  created_at: timestamp,
  started_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
  duration_ms: z.number().nullable(),
  chat_enabled: z.boolean(),
  chat_id: z.uuid().nullable(),
  chat_message_count: count,
  total_stages: count,
  completed_stages: count,
  failed_stages: count,
  has_parallel_stages: z.boolean(),
  has_action_stages: z.boolean(),
  actions_executed: z.boolean().nullable(),
  ...tokenFields,
  cost_estimation_enabled: z.boolean(),
  ...costFields,
  unpriced_interaction_count: count.optional(),
  ...interactionFields,
  current_stage_index: z.int().nullable(),
  current_stage_id: z.uuid().nullable(),
  latest_score: z.int().nullable(),
  scoring_status: scoreStatusSchema.nullable(),
  score_id: z.uuid().nullable(),
  ...reviewFields,
  stages: z.array(stageViewSchema),
  /** The chain's own stages from first to last, begun or not, then the summary; empty until the session is admitted. */
  planned_stages: z.array(plannedStageSchema),
});
export type SessionDetail = z.infer<typeof sessionDetailSchema>;

export const sessionSummarySchema = z.object({
  session_id: z.uuid(),
  total_interactions: count,
  llm_interactions: count,
  mcp_interactions: count,
  ...tokenFields,
  cost_estimation_enabled: z.boolean(),
  ...costFields,
  unpriced_interaction_count: count.optional(),
  total_duration_ms: z.number().nullable(),
  chain_statistics: z.object({
    total_stages: count,
    completed_stages: count,
    failed_stages: count,
    current_stage_index: z.int().nullable(),
  }),
  total_score: z.int().optional(),
  scoring_status: scoreStatusSchema.optional(),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

export const sessionStatusViewSchema = z.object({
  id: z.uuid(),
  status: sessionStatusSchema,
  final_analysis: z.string().nullable(),
  executive_summary: z.string().nullable(),
  error_message: z.string().nullable(),
});
export type SessionStatusView = z.infer<typeof sessionStatusViewSchema>;

/** Bytes of UTF-8 that one piece of guidance may have. */
const GUIDANCE_BYTES = 20_000;

export const guidanceRequestSchema = z.object({
  content: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .refine(
      (text) => new TextEncoder().encode(text).length <= GUIDANCE_BYTES,
      `must have at most ${GUIDANCE_BYTES} bytes`,
    ),
  /** Absent is every running agent that no other agent dispatched. */
  execution_id: z.uuid().optional(),
});
export type GuidanceRequest = z.infer<typeof guidanceRequestSchema>;

export const guidanceAnswerSchema = z.object({ session_id: z.uuid(), message: z.string() });
export type GuidanceAnswer = z.infer<typeof guidanceAnswerSchema>;

/** Bytes of UTF-8 that one question may have. */
const QUESTION_BYTES = 100_000;

export const chatRequestSchema = z.object({
  content: z
    .string()
    .refine((text) => text.trim() !== '', 'must not be empty')
    .refine(
      (text) => new TextEncoder().encode(text).length <= QUESTION_BYTES,
      `must have at most ${QUESTION_BYTES} bytes`,
    ),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;

/** The question is stored; its answer is the `final_analysis` of the stage's timeline. */
export const chatAnswerSchema = z.object({ chat_id: z.uuid(), message_id: z.uuid(), stage_id: z.uuid() });
export type ChatAnswer = z.infer<typeof chatAnswerSchema>;

export const cancelAnswerSchema = z.object({ session_id: z.uuid(), message: z.string() });
/** Of a request to let a paused session go on; it queues for a slot first. */
export const resumeAnswerSchema = z.object({
  success: z.literal(true),
  session_id: z.uuid(),
  status: z.literal('resuming'),
  message: z.string(),
});
export type ResumeAnswer = z.infer<typeof resumeAnswerSchema>;

export type CancelAnswer = z.infer<typeof cancelAnswerSchema>;

export const alertTypesSchema = z.object({
  alert_types: z.array(z.object({ type: z.string(), chain_id: z.string(), description: z.string() })),
  default_chain_id: z.string(),
  default_alert_type: z.string(),
});
export type AlertTypes = z.infer<typeof alertTypesSchema>;

/** Body of every answer that is not a success. */
export const errorAnswerSchema = z.object({ message: z.string() });
export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;
