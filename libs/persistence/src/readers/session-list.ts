import type { ActiveSessions, FilterOptions, SessionItem, SessionList, SessionStatus } from '@tarsy/contracts';
import type { DataSource } from 'typeorm';
import { COST_COLUMNS, costFieldsOf, type CostSums } from './cost.js';
import { storable } from '../storable.js';

/** What to list, checked by the caller. Filters that are absent do not filter. */
export interface SessionListFilter {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly sortBy: 'created_at' | 'status' | 'alert_type' | 'author' | 'duration' | 'score' | 'quality_rating';
  readonly sortOrder: 'asc' | 'desc';
  readonly statuses?: readonly SessionStatus[];
  readonly alertType?: string;
  readonly chainId?: string;
  readonly search?: string;
  readonly createdFrom?: Date;
  /** Exclusive. */
  readonly createdBefore?: Date;
  readonly reviewStatuses?: readonly string[];
  readonly assignee?: string;
  readonly scoringStatus?: string;
  readonly qualityRating?: string;
}

/** Scores, ratings and assignees come with triage; until then no session has one. */
const SORT_EXPRESSIONS: Readonly<Record<SessionListFilter['sortBy'], string>> = {
  created_at: 's.created_at',
  status: 's.status',
  alert_type: 's.alert_type',
  author: 's.author',
  duration: '(s.completed_at - s.started_at)',
  score: 'NULL::integer',
  quality_rating: 'NULL::text',
};

const ALL_STATUSES: SessionStatus[] = ['pending', 'in_progress', 'paused', 'cancelling', 'completed', 'failed', 'cancelled', 'timed_out']; // prettier-ignore

type Parameters = unknown[];

export async function listSessions(
  dataSource: DataSource,
  asked: SessionListFilter,
  estimatesCost: boolean,
): Promise<SessionList> {
  const filter = storable(asked);
  const parameters: Parameters = [];
  const where = conditions(filter, parameters);
  const [count] = await dataSource.query<{ total: string }[]>(
    `SELECT count(*) AS total FROM alert_sessions s WHERE ${where}`,
    parameters,
  );
  const total = Number(count?.total ?? 0);
  const order = filter.sortOrder === 'asc' ? 'ASC' : 'DESC';
  const page = [...parameters, filter.pageSize, (filter.page - 1) * filter.pageSize];
  const rows = await dataSource.query<SessionItemRow[]>(
    `${SELECT_ITEMS} WHERE ${where}
     ORDER BY ${SORT_EXPRESSIONS[filter.sortBy]} ${order} NULLS LAST, s.id ${order}
     LIMIT $${page.length - 1} OFFSET $${page.length}`,
    page,
  );
  return {
    sessions: rows.map((row) => itemOf(row, filter.search, estimatesCost)),
    pagination: {
      page: filter.page,
      page_size: filter.pageSize,
      total_pages: Math.ceil(total / filter.pageSize),
      total_items: total,
    },
    cost_estimation_enabled: estimatesCost,
  };
}

export async function activeSessions(dataSource: DataSource): Promise<ActiveSessions> {
  const columns =
    'id, alert_type, chain_id, status, author, created_at, started_at, current_stage_index, current_stage_id';
  const active = await dataSource.query<ActiveRow[]>(
    `SELECT ${columns} FROM alert_sessions WHERE status IN ('in_progress', 'cancelling') AND deleted_at IS NULL ORDER BY started_at LIMIT 1000`,
  );
  const queued = await dataSource.query<ActiveRow[]>(
    `SELECT ${columns} FROM alert_sessions WHERE status = 'pending' AND deleted_at IS NULL ORDER BY priority_rank, created_at, id LIMIT 1000`,
  );
  const common = (
    row: ActiveRow,
  ): Pick<SessionItem, 'id' | 'alert_type' | 'chain_id' | 'status' | 'author' | 'created_at'> => ({
    id: row.id,
    alert_type: row.alert_type,
    chain_id: row.chain_id,
    status: row.status,
    author: row.author,
    created_at: row.created_at.toISOString(),
  });
  return {
    active: active.map((row) => ({
      ...common(row),
      started_at: isoOrNull(row.started_at),
      current_stage_index: row.current_stage_index,
      current_stage_id: row.current_stage_id,
    })),
    queued: queued.map((row, index) => ({ ...common(row), queue_position: index + 1 })),
  };
}

export async function filterOptions(dataSource: DataSource): Promise<FilterOptions> {
  const [row] = await dataSource.query<{ alert_types: string[] | null; chain_ids: string[] | null }[]>(
    `SELECT array_agg(DISTINCT alert_type ORDER BY alert_type) AS alert_types,
            array_agg(DISTINCT chain_id ORDER BY chain_id) AS chain_ids
     FROM alert_sessions WHERE deleted_at IS NULL`,
  );
  return { alert_types: row?.alert_types ?? [], chain_ids: row?.chain_ids ?? [], statuses: ALL_STATUSES };
}

interface ActiveRow {
  id: string;
  alert_type: string;
  chain_id: string;
  status: SessionStatus;
  author: string | null;
  created_at: Date;
  started_at: Date | null;
  current_stage_index: number | null;
  current_stage_id: string | null;
}

interface SessionItemRow extends ActiveRow, CostSums {
  fallback_count: number;
  title: string;
  severity: SessionItem['severity'];
  completed_at: Date | null;
  error_message: string | null;
  executive_summary: string | null;
  review_status: SessionItem['review_status'];
  alert_data: string;
  final_analysis: string | null;
  question_count: number;
  llm_count: number;
  mcp_count: number;
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  total_stages: number;
  completed_stages: number;
  has_parallel_stages: boolean;
  has_sub_agents: boolean;
  has_action_stages: boolean;
  actions_executed: boolean | null;
}

const SELECT_ITEMS = `
  SELECT s.*, l.*, m.*, g.*, f.*, q.*, EXISTS (SELECT 1 FROM agent_executions e WHERE e.session_id = s.id AND e.parent_execution_id IS NOT NULL) AS has_sub_agents
  FROM alert_sessions s
  LEFT JOIN LATERAL (
    SELECT count(*)::int AS llm_count, coalesce(sum(input_tokens), 0)::float8 AS input_tokens,
           coalesce(sum(output_tokens), 0)::float8 AS output_tokens, coalesce(sum(total_tokens), 0)::float8 AS total_tokens, ${COST_COLUMNS}
    FROM llm_interactions WHERE session_id = s.id) l ON true
  LEFT JOIN LATERAL (SELECT count(*)::int AS mcp_count FROM mcp_interactions WHERE session_id = s.id) m ON true
  LEFT JOIN LATERAL (
    SELECT count(*)::int AS total_stages, count(*) FILTER (WHERE status = 'completed')::int AS completed_stages,
           coalesce(bool_or(parallel_type IS NOT NULL), false) AS has_parallel_stages,
           coalesce(bool_or(stage_type = 'action' AND actions_executed IS NOT NULL), false) AS has_action_stages,
           bool_or(actions_executed) AS actions_executed
    FROM stages WHERE session_id = s.id) g ON true
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(fallback_attempt), 0)::int AS fallback_count FROM agent_executions WHERE session_id = s.id) f ON true
  LEFT JOIN LATERAL (SELECT count(*)::int AS question_count FROM chat_user_messages WHERE session_id = s.id) q ON true`;

function itemOf(row: SessionItemRow, search: string | undefined, estimatesCost: boolean): SessionItem {
  const shown = search?.toLowerCase();
  return {
    id: row.id,
    alert_type: row.alert_type,
    title: row.title,
    severity: row.severity,
    chain_id: row.chain_id,
    status: row.status,
    author: row.author,
    created_at: row.created_at.toISOString(),
    started_at: isoOrNull(row.started_at),
    completed_at: isoOrNull(row.completed_at),
    duration_ms: durationOf(row),
    error_message: row.error_message,
    executive_summary: row.executive_summary,
    llm_interaction_count: row.llm_count,
    mcp_interaction_count: row.mcp_count,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    total_tokens: row.total_tokens,
    ...costFieldsOf(row, estimatesCost),
    total_stages: row.total_stages,
    completed_stages: row.completed_stages,
    has_parallel_stages: row.has_parallel_stages,
    has_sub_agents: row.has_sub_agents,
    has_action_stages: row.has_action_stages,
    actions_executed: row.actions_executed,
    chat_message_count: row.question_count,
    provider_fallback_count: row.fallback_count,
    current_stage_index: row.current_stage_index,
    current_stage_id: row.current_stage_id,
    matched_in_content:
      shown !== undefined &&
      !row.alert_data.toLowerCase().includes(shown) &&
      !(row.final_analysis ?? '').toLowerCase().includes(shown),
    ...UNSCORED,
    ...reviewOf(row.review_status),
  };
}

/** Scoring and feedback are not there yet: their fields are null, as for a session that nobody scored or reviewed. */
export const UNSCORED = { latest_score: null, scoring_status: null } as const;

export function reviewOf(status: SessionItem['review_status']): Pick<
  SessionItem,
  'review_status' | 'assignee' | 'quality_rating' | 'action_taken' | 'investigation_feedback' | 'feedback_edited' | 'feedback_edited_by' | 'feedback_edited_at' // prettier-ignore
> {
  return {
    review_status: status,
    assignee: null,
    quality_rating: null,
    action_taken: null,
    investigation_feedback: null,
    feedback_edited: false,
    feedback_edited_by: null,
    feedback_edited_at: null,
  };
}

export const isoOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;

function durationOf({
  started_at,
  completed_at,
}: {
  started_at: Date | null;
  completed_at: Date | null;
}): number | null {
  return started_at && completed_at ? completed_at.getTime() - started_at.getTime() : null;
}

function conditions(filter: SessionListFilter, parameters: Parameters): string {
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const parts = ['s.deleted_at IS NULL'];
  if (filter.statuses) parts.push(`s.status = ANY(${bind(filter.statuses)})`);
  if (filter.alertType !== undefined) parts.push(`s.alert_type = ${bind(filter.alertType)}`);
  if (filter.chainId !== undefined) parts.push(`s.chain_id = ${bind(filter.chainId)}`);
  if (filter.createdFrom) parts.push(`s.created_at >= ${bind(filter.createdFrom)}`);
  if (filter.createdBefore) parts.push(`s.created_at < ${bind(filter.createdBefore)}`);
  if (filter.reviewStatuses) parts.push(`s.review_status = ANY(${bind(filter.reviewStatuses)})`);
  if (filter.scoringStatus !== undefined && filter.scoringStatus !== 'not_scored') parts.push('false');
  if (filter.assignee !== undefined || filter.qualityRating !== undefined) parts.push('false');
  if (filter.search !== undefined) {
    const pattern = bind(`%${filter.search.replace(/[\\%_]/g, '\\$&')}%`);
    const words = bind(filter.search);
    // In a database of locale C only ASCII letters have a lower case; ICU's collation is slower, so it is for those who need it.
    const like = /^\p{ASCII}*$/u.test(filter.search) ? `ILIKE ${pattern}` : `ILIKE ${pattern} COLLATE "und-x-icu"`;
    parts.push(`(s.alert_data ${like} OR s.final_analysis ${like} OR EXISTS (
      SELECT 1 FROM timeline_events t WHERE t.session_id = s.id
      AND to_tsvector('english', left(t.content, 100000)) @@ plainto_tsquery('english', ${words})))`);
  }
  return parts.join(' AND ');
}
