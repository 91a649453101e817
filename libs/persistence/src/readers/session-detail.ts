import type { ExecutionView, SessionDetail, SessionStatusView, SessionSummary, StageView } from '@tarsy/contracts';
import type { DataSource } from 'typeorm';
import { AgentExecution } from '../entities/agent-execution.entity.js';
import { AlertSession } from '../entities/alert-session.entity.js';
import { Chat, ChatUserMessage } from '../entities/chat.entity.js';
import { Stage } from '../entities/stage.entity.js';
import { addCosts, COST_COLUMNS, costFieldsWithCount, NO_COST, type CostSums } from './cost.js';
import { plannedStages } from './planned-stages.js';
import { isoOrNull, reviewOf, UNSCORED } from './session-list.js';

/** Undefined when there is no such session, or it was deleted. */
export async function findSession(
  dataSource: DataSource,
  id: string,
  estimatesCost: boolean,
): Promise<SessionDetail | undefined> {
  const session = await sessionRow(dataSource, id);
  if (!session) return undefined;
  const [stages, executions, counts, chat, questions] = await Promise.all([
    dataSource.getRepository(Stage).find({ where: { sessionId: id }, order: { stageIndex: 'ASC' } }),
    dataSource.getRepository(AgentExecution).find({ where: { sessionId: id }, order: { agentIndex: 'ASC' } }),
    interactionCounts(dataSource, id),
    dataSource.getRepository(Chat).findOneBy({ sessionId: id }),
    dataSource.getRepository(ChatUserMessage).findBy({ sessionId: id }),
  ]);
  return {
    id: session.id,
    alert_data: session.alertData,
    alert_type: session.alertType,
    title: session.title,
    severity: session.severity,
    status: session.status,
    chain_id: session.chainId,
    author: session.author,
    error_message: session.errorMessage,
    final_analysis: session.finalAnalysis,
    executive_summary: session.executiveSummary,
    executive_summary_error: session.executiveSummaryError,
    runbook_url: session.runbookUrl,
    ...(session.slackMessageFingerprint === null ? {} : { slack_message_fingerprint: session.slackMessageFingerprint }),
    ...(session.mcpSelection === null ? {} : { mcp_selection: session.mcpSelection }),
    created_at: session.createdAt.toISOString(),
    started_at: isoOrNull(session.startedAt),
    completed_at: isoOrNull(session.completedAt),
    duration_ms: durationMs(session.startedAt, session.completedAt),
    chat_enabled: session.chatEnabled,
    chat_id: chat?.id ?? null,
    chat_message_count: questions.length,
    total_stages: stages.length,
    completed_stages: stages.filter(({ status }) => status === 'completed').length,
    failed_stages: stages.filter(({ status }) => status === 'failed' || status === 'timed_out').length,
    has_parallel_stages: stages.some(({ parallelType }) => parallelType !== null),
    has_action_stages: stages.some((stage) => stage.stageType === 'action' && stage.actionsExecuted !== null),
    actions_executed: actionsExecuted(stages),
    ...tokensOf(counts.total),
    cost_estimation_enabled: estimatesCost,
    ...costFieldsWithCount(counts.total, estimatesCost),
    llm_interaction_count: counts.llm,
    mcp_interaction_count: counts.mcp,
    current_stage_index: session.currentStageIndex,
    current_stage_id: session.currentStageId,
    ...UNSCORED,
    score_id: null,
    ...reviewOf(session.reviewStatus),
    stages: stages.map((stage) => ({
      ...stageView(stage, executions, { usage: counts.byExecution, estimatesCost }),
      ...chatMessageOf(stage, executions, questions),
    })),
    planned_stages: plannedStages(session.plan),
  };
}

export async function findSummary(
  dataSource: DataSource,
  id: string,
  estimatesCost: boolean,
): Promise<SessionSummary | undefined> {
  const detail = await findSession(dataSource, id, estimatesCost);
  if (!detail) return undefined;
  return {
    session_id: id,
    total_interactions: detail.llm_interaction_count + detail.mcp_interaction_count,
    llm_interactions: detail.llm_interaction_count,
    mcp_interactions: detail.mcp_interaction_count,
    input_tokens: detail.input_tokens,
    output_tokens: detail.output_tokens,
    total_tokens: detail.total_tokens,
    ...optionalCost(detail),
    total_duration_ms: detail.duration_ms,
    chain_statistics: {
      total_stages: detail.total_stages,
      completed_stages: detail.completed_stages,
      failed_stages: detail.failed_stages,
      current_stage_index: detail.current_stage_index,
    },
  };
}

export async function findStatus(dataSource: DataSource, id: string): Promise<SessionStatusView | undefined> {
  const session = await sessionRow(dataSource, id);
  return session
    ? {
        id,
        status: session.status,
        final_analysis: session.finalAnalysis,
        executive_summary: session.executiveSummary,
        error_message: session.errorMessage,
      }
    : undefined;
}

async function sessionRow(dataSource: DataSource, id: string): Promise<AlertSession | undefined> {
  const session = await dataSource.getRepository(AlertSession).findOneBy({ id });
  return session && session.deletedAt === null ? session : undefined;
}

/** What the calls of one execution, or of several, used. */
type Usage = {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
} & CostSums;
type Tokens = Pick<Usage, 'input_tokens' | 'output_tokens' | 'total_tokens'>;

const NO_USAGE: Usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0, ...NO_COST };

async function interactionCounts(
  dataSource: DataSource,
  sessionId: string,
): Promise<{ llm: number; mcp: number; total: Usage; byExecution: ReadonlyMap<string, Usage> }> {
  const perExecution = await dataSource.query<(Usage & { execution_id: string; calls: number })[]>(
    `SELECT execution_id, count(*)::int AS calls, coalesce(sum(input_tokens), 0)::float8 AS input_tokens,
            coalesce(sum(output_tokens), 0)::float8 AS output_tokens, coalesce(sum(total_tokens), 0)::float8 AS total_tokens,
            ${COST_COLUMNS}
     FROM llm_interactions WHERE session_id = $1 GROUP BY execution_id`,
    [sessionId],
  );
  const [mcp] = await dataSource.query<{ calls: number }[]>(
    'SELECT count(*)::int AS calls FROM mcp_interactions WHERE session_id = $1',
    [sessionId],
  );
  return {
    llm: perExecution.reduce((sum, { calls }) => sum + calls, 0),
    mcp: mcp?.calls ?? 0,
    total: perExecution.reduce<Usage>(add, NO_USAGE),
    byExecution: new Map(perExecution.map(({ execution_id, ...row }) => [execution_id, add(NO_USAGE, row)])),
  };
}

const add = (left: Usage, right: Usage): Usage => ({
  input_tokens: left.input_tokens + right.input_tokens,
  output_tokens: left.output_tokens + right.output_tokens,
  total_tokens: left.total_tokens + right.total_tokens,
  ...addCosts(left, right),
});

const tokensOf = ({ input_tokens, output_tokens, total_tokens }: Usage): Tokens => ({ input_tokens, output_tokens, total_tokens }); // prettier-ignore

function optionalCost(
  detail: SessionDetail,
): Pick<
  SessionSummary,
  'cost_estimation_enabled' | 'estimated_cost_usd' | 'cost_completeness' | 'unpriced_interaction_count'
> {
  const { cost_estimation_enabled, estimated_cost_usd, cost_completeness, unpriced_interaction_count } = detail;
  return {
    cost_estimation_enabled,
    ...(estimated_cost_usd === undefined ? {} : { estimated_cost_usd }),
    ...(cost_completeness === undefined ? {} : { cost_completeness }),
    ...(unpriced_interaction_count === undefined ? {} : { unpriced_interaction_count }),
  };
}

/** What the calls used, and whether their cost is shown. */
interface UsageOfSession {
  readonly usage: ReadonlyMap<string, Usage>;
  readonly estimatesCost: boolean;
}

function stageView(stage: Stage, executions: AgentExecution[], used: UsageOfSession): StageView {
  return {
    id: stage.id,
    stage_name: stage.stageName,
    stage_index: stage.stageIndex,
    stage_type: stage.stageType,
    status: stage.status,
    parallel_type: stage.parallelType,
    expected_agent_count: stage.expectedAgentCount,
    ...(stage.referencedStageId === null ? {} : { referenced_stage_id: stage.referencedStageId }),
    started_at: isoOrNull(stage.startedAt),
    completed_at: isoOrNull(stage.completedAt),
    executions: executions
      .filter((execution) => execution.stageId === stage.id && execution.parentExecutionId === null)
      .map((execution) => executionView(execution, executions, used).view),
  };
}

function chatMessageOf(
  { id, chatUserMessageId }: Stage,
  executions: AgentExecution[],
  questions: ChatUserMessage[],
): Pick<StageView, 'chat_message'> {
  const question = questions.find((one) => one.id === chatUserMessageId);
  if (!question) return {};
  const answering = executions.find((one) => one.stageId === id && one.parentExecutionId === null);
  return {
    chat_message: {
      message_id: question.id,
      content: question.content,
      author: question.author,
      created_at: question.createdAt.toISOString(),
      answer: answering?.status === 'completed' ? answering.result : null,
    },
  };
}

/** @returns the usage of its sub-agents included */
function executionView(
  execution: AgentExecution,
  all: AgentExecution[],
  used: UsageOfSession,
): { view: ExecutionView; usage: Usage } {
  const children = all
    .filter(({ parentExecutionId }) => parentExecutionId === execution.id)
    .map((child) => executionView(child, all, used));
  const usage = children.map((child) => child.usage).reduce(add, used.usage.get(execution.id) ?? NO_USAGE);
  const view: ExecutionView = {
    execution_id: execution.id,
    agent_name: execution.agentName,
    agent_index: execution.agentIndex,
    status: execution.status,
    llm_backend: execution.llmBackend,
    llm_provider: execution.llmProvider,
    ...(execution.modelName === null ? {} : { model_name: execution.modelName }),
    started_at: isoOrNull(execution.startedAt),
    completed_at: isoOrNull(execution.completedAt),
    duration_ms: durationMs(execution.startedAt, execution.completedAt),
    error_message: execution.errorMessage,
    ...tokensOf(usage),
    ...costFieldsWithCount(usage, used.estimatesCost),
    ...(execution.parentExecutionId === null ? {} : { parent_execution_id: execution.parentExecutionId }),
    ...(execution.task === null ? {} : { task: execution.task }),
    ...fallbackFields(execution),
    ...(children.length === 0 ? {} : { sub_agents: children.map((child) => child.view) }),
  };
  return { view, usage };
}

function fallbackFields(execution: AgentExecution): Partial<ExecutionView> {
  const { originalLlmProvider, originalLlmBackend, originalModelName, fallbackReason, fallbackErrorCode } = execution;
  if (execution.fallbackAttempt === null) return {};
  return {
    ...(originalLlmProvider === null ? {} : { original_llm_provider: originalLlmProvider }),
    ...(originalLlmBackend === null ? {} : { original_llm_backend: originalLlmBackend }),
    ...(originalModelName === null ? {} : { original_model_name: originalModelName }),
    ...(fallbackReason === null ? {} : { fallback_reason: fallbackReason }),
    ...(fallbackErrorCode === null ? {} : { fallback_error_code: fallbackErrorCode }),
    fallback_attempt: execution.fallbackAttempt,
  };
}

const durationMs = (from: Date | null, to: Date | null): number | null =>
  from && to ? to.getTime() - from.getTime() : null;

function actionsExecuted(stages: Stage[]): boolean | null {
  const known = stages.map((stage) => stage.actionsExecuted).filter((value) => value !== null);
  return known.length === 0 ? null : known.some(Boolean);
}
