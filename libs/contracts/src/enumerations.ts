import { z } from 'zod';

export const severitySchema = z.enum(['critical', 'high', 'warning', 'info', 'low']);
export type Severity = z.infer<typeof severitySchema>;

export const prioritySchema = z.enum(['critical', 'high', 'normal', 'low']);
export type Priority = z.infer<typeof prioritySchema>;

export const sessionStatusSchema = z.enum([
  'pending',
  'in_progress',
  'paused',
  'cancelling',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
]);
export type SessionStatus = z.infer<typeof sessionStatusSchema>;

/** Statuses of stages and of executions. `paused` waits for a person and costs nothing; see {@link parkReasonSchema}. */
export const runStatusSchema = z.enum(['pending', 'active', 'paused', 'completed', 'failed', 'timed_out', 'cancelled']);
export type RunStatus = z.infer<typeof runStatusSchema>;

export const terminalStatusSchema = z.enum(['completed', 'failed', 'timed_out', 'cancelled']);
export type TerminalStatus = z.infer<typeof terminalStatusSchema>;

export const stageTypeSchema = z.enum(['investigation', 'synthesis', 'chat', 'exec_summary', 'scoring', 'action']);
export type StageType = z.infer<typeof stageTypeSchema>;

export const parallelTypeSchema = z.enum(['multi_agent', 'replica']);
export type ParallelType = z.infer<typeof parallelTypeSchema>;

export const timelineEventTypeSchema = z.enum([
  'llm_thinking',
  'llm_response',
  'llm_tool_call',
  'mcp_tool_summary',
  'error',
  'user_question',
  'executive_summary',
  'final_analysis',
  'code_execution',
  'google_search_result',
  'url_context_result',
  'task_assigned',
  'provider_fallback',
  'skill_loaded',
  'guidance_received',
  'memory_injected',
]);
export type TimelineEventType = z.infer<typeof timelineEventTypeSchema>;

export const timelineStatusSchema = z.enum(['streaming', 'completed', 'failed', 'cancelled', 'timed_out']);
export type TimelineStatus = z.infer<typeof timelineStatusSchema>;

export const llmInteractionTypeSchema = z.enum([
  'iteration',
  'final_analysis',
  'executive_summary',
  'chat_response',
  'summarization',
  'synthesis',
  'forced_conclusion',
  'scoring',
  'memory_extraction',
]);
export type LlmInteractionType = z.infer<typeof llmInteractionTypeSchema>;

export const mcpInteractionTypeSchema = z.enum(['tool_call', 'tool_list']);
export type McpInteractionType = z.infer<typeof mcpInteractionTypeSchema>;

export const toolTypeSchema = z.enum(['mcp', 'orchestrator', 'skill', 'memory', 'google_native']);
export type ToolType = z.infer<typeof toolTypeSchema>;

/** What a parked execution waits for; at its iteration limit for a person, who sees it as `paused`. */
export const parkReasonSchema = z.enum(['sub-agents', 'rate-limit', 'iteration-limit']);
export type ParkReason = z.infer<typeof parkReasonSchema>;

/** What a session may use up. */
export const budgetPartSchema = z.enum(['tokens', 'tool_calls', 'cost', 'wall_time']);
export type BudgetPart = z.infer<typeof budgetPartSchema>;

export const commandVerbSchema = z.enum([
  'dispatch-agent',
  'cancel-agent',
  'steer-agent',
  'guide-session',
  'chat-message',
  'wake-execution',
  'cancel-session',
  'expire-session',
  'cancel-execution',
  'resume-session',
  'expire-stage',
  'admit-sessions',
  'settle-dead-letter',
]);
export type CommandVerb = z.infer<typeof commandVerbSchema>;

export const SEVERITY_PRIORITY: Readonly<Record<Severity, Priority>> = {
  critical: 'critical',
  high: 'high',
  warning: 'normal',
  info: 'low',
  low: 'low',
};
