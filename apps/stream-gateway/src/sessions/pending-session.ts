import type { AlertAccepted, SessionDetail, SessionStatusView, SessionSummary } from '@tarsy/contracts';

/** A session whose alert was accepted and that chain-runner has not taken yet: nothing of it is in the database. */
export const pendingStatus = (alert: AlertAccepted): SessionStatusView => ({
  id: alert.sessionId,
  status: 'pending',
  final_analysis: null,
  executive_summary: null,
  error_message: null,
});

const NO_TOKENS = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

export const pendingSummary = (alert: AlertAccepted, estimatesCost: boolean): SessionSummary => ({
  session_id: alert.sessionId,
  total_interactions: 0,
  llm_interactions: 0,
  mcp_interactions: 0,
  ...NO_TOKENS,
  cost_estimation_enabled: estimatesCost,
  total_duration_ms: null,
  chain_statistics: { total_stages: 0, completed_stages: 0, failed_stages: 0, current_stage_index: null },
});

export const pendingDetail = (alert: AlertAccepted, estimatesCost: boolean): SessionDetail => ({
  ...pendingStatus(alert),
  alert_data: alert.data,
  alert_type: alert.alertType,
  title: alert.title,
  severity: alert.severity,
  chain_id: alert.chainId,
  author: alert.author ?? null,
  executive_summary_error: null,
  runbook_url: alert.runbookUrl ?? null,
  ...(alert.slackMessageFingerprint === undefined ? {} : { slack_message_fingerprint: alert.slackMessageFingerprint }),
  ...(alert.mcpSelection === undefined ? {} : { mcp_selection: alert.mcpSelection }),
  created_at: alert.acceptedAt,
  started_at: null,
  completed_at: null,
  duration_ms: null,
  chat_enabled: true,
  chat_id: null,
  chat_message_count: 0,
  total_stages: 0,
  completed_stages: 0,
  failed_stages: 0,
  has_parallel_stages: false,
  has_action_stages: false,
  actions_executed: null,
  ...NO_TOKENS,
  cost_estimation_enabled: estimatesCost,
  llm_interaction_count: 0,
  mcp_interaction_count: 0,
  current_stage_index: null,
  current_stage_id: null,
  latest_score: null,
  scoring_status: null,
  score_id: null,
  review_status: null,
  assignee: null,
  quality_rating: null,
  action_taken: null,
  investigation_feedback: null,
  feedback_edited: false,
  feedback_edited_by: null,
  feedback_edited_at: null,
  stages: [],
  planned_stages: [],
});
