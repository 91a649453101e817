import type {
  ExecutionTrace,
  LlmInteractionDetail,
  LlmInteractionItem,
  McpInteractionDetail,
  McpInteractionItem,
  RunStatus,
  SessionTrace,
  TimelineEventView,
  TimelineStatus,
} from '@tarsy/contracts';
import { LessThan, type DataSource } from 'typeorm';
import { AgentExecution } from '../entities/agent-execution.entity.js';
import { LlmInteractionRow, McpInteractionRow, MessageRow, TimelineEventRow } from '../entities/recorded.entity.js';
import { Stage } from '../entities/stage.entity.js';

/**
 * Empty for an unknown session. What was under way when its execution ended is shown as stopped: nobody will complete it, and the
 * projection does not know, as it may see the end first.
 */
export async function timelineOf(dataSource: DataSource, sessionId: string): Promise<TimelineEventView[]> {
  const [rows, executions] = await Promise.all([
    dataSource
      .getRepository(TimelineEventRow)
      .find({ where: { sessionId }, order: { sequenceNumber: 'ASC', createdAt: 'ASC', id: 'ASC' } }),
    dataSource
      .getRepository(AgentExecution)
      .find({ where: { sessionId }, select: { id: true, parentExecutionId: true, status: true } }),
  ]);
  const byId = new Map(executions.map((execution) => [execution.id, execution]));
  return rows.map((row) => {
    const execution = byId.get(row.executionId);
    const parent = execution?.parentExecutionId;
    return {
      id: row.id,
      session_id: row.sessionId,
      stage_id: row.stageId,
      execution_id: row.executionId,
      ...(parent ? { parent_execution_id: parent } : {}),
      sequence_number: row.sequenceNumber,
      created_at: row.createdAt.toISOString(),
      updated_at: row.updatedAt.toISOString(),
      event_type: row.eventType,
      status: row.status === 'streaming' ? statusOfOpenEvent(execution?.status) : row.status,
      content: row.content,
      metadata: row.metadata,
      ...(row.llmInteractionId === null ? {} : { llm_interaction_id: row.llmInteractionId }),
      ...(row.mcpInteractionId === null ? {} : { mcp_interaction_id: row.mcpInteractionId }),
      edges: {},
    };
  });
}

function statusOfOpenEvent(execution: RunStatus | undefined): TimelineStatus {
  switch (execution) {
    case undefined:
    case 'pending':
    case 'active':
    case 'paused':
      return 'streaming';
    default:
      return execution === 'completed' ? 'cancelled' : execution;
  }
}

export async function traceOf(dataSource: DataSource, sessionId: string): Promise<SessionTrace> {
  const where = { sessionId };
  const order = { createdAt: 'ASC' } as const;
  const [stages, executions, llm, mcp] = await Promise.all([
    dataSource.getRepository(Stage).find({ where, order: { stageIndex: 'ASC' } }),
    dataSource.getRepository(AgentExecution).find({ where, order: { agentIndex: 'ASC' } }),
    dataSource.getRepository(LlmInteractionRow).find({ where, order }),
    dataSource.getRepository(McpInteractionRow).find({ where, order }),
  ]);
  const traceOfExecution = (execution: AgentExecution): ExecutionTrace => {
    const children = executions.filter(({ parentExecutionId }) => parentExecutionId === execution.id);
    return {
      execution_id: execution.id,
      agent_name: execution.agentName,
      llm_interactions: llm.filter(({ executionId }) => executionId === execution.id).map(llmItem),
      mcp_interactions: mcp.filter(({ executionId }) => executionId === execution.id).map(mcpItem),
      ...(children.length === 0 ? {} : { sub_agents: children.map(traceOfExecution) }),
    };
  };
  return {
    stages: stages.map((stage) => ({
      stage_id: stage.id,
      stage_name: stage.stageName,
      stage_type: stage.stageType,
      ...(stage.referencedStageId === null ? {} : { referenced_stage_id: stage.referencedStageId }),
      executions: executions
        .filter((execution) => execution.stageId === stage.id && execution.parentExecutionId === null)
        .map(traceOfExecution),
    })),
    session_interactions: [],
  };
}

/** Undefined when the session has no such model call. */
export async function findLlmInteraction(
  dataSource: DataSource,
  sessionId: string,
  id: string,
): Promise<LlmInteractionDetail | undefined> {
  const row = await dataSource.getRepository(LlmInteractionRow).findOneBy({ id, sessionId });
  if (!row) return undefined;
  const messages = await dataSource.getRepository(MessageRow).find({
    where: { executionId: row.executionId, sequenceNumber: LessThan(row.sequenceNumber + 1) },
    order: { sequenceNumber: 'ASC' },
  });
  const seen = messages.filter(({ sequenceNumber }) => sequenceNumber < row.sequenceNumber).length;
  return {
    ...llmItem(row),
    ...(row.thinkingContent === null ? {} : { thinking_content: row.thinkingContent }),
    llm_request: { ...row.llmRequest, provider: row.provider, messages_count: seen },
    llm_response: row.llmResponse,
    conversation: messages.map((message) => ({
      role: message.role,
      content: message.content,
      ...(message.toolCalls === null ? {} : { tool_calls: message.toolCalls }),
      ...(message.toolCallId === null ? {} : { tool_call_id: message.toolCallId }),
      ...(message.toolName === null ? {} : { tool_name: message.toolName }),
    })),
  };
}

/** Undefined when the session has no such tool call. */
export async function findMcpInteraction(
  dataSource: DataSource,
  sessionId: string,
  id: string,
): Promise<McpInteractionDetail | undefined> {
  const row = await dataSource.getRepository(McpInteractionRow).findOneBy({ id, sessionId });
  if (!row) return undefined;
  return {
    ...mcpItem(row),
    ...(row.toolArguments === null ? {} : { tool_arguments: row.toolArguments }),
    ...(row.toolResult === null ? {} : { tool_result: row.toolResult }),
    ...(row.availableTools === null ? {} : { available_tools: row.availableTools }),
  };
}

function llmItem(row: LlmInteractionRow): LlmInteractionItem {
  return {
    id: row.id,
    interaction_type: row.interactionType,
    model_name: row.modelName,
    ...(row.inputTokens === null ? {} : { input_tokens: row.inputTokens }),
    ...(row.outputTokens === null ? {} : { output_tokens: row.outputTokens }),
    ...(row.totalTokens === null ? {} : { total_tokens: row.totalTokens }),
    ...(row.cachedInputTokens ? { cached_input_tokens: row.cachedInputTokens } : {}),
    ...(row.thinkingTokens ? { thinking_tokens: row.thinkingTokens } : {}),
    ...(row.estimatedCostUsd === null ? {} : { estimated_cost_usd: row.estimatedCostUsd }),
    duration_ms: row.durationMs,
    ...(row.errorMessage === null ? {} : { error_message: row.errorMessage }),
    created_at: row.createdAt.toISOString(),
  };
}

function mcpItem(row: McpInteractionRow): McpInteractionItem {
  return {
    id: row.id,
    interaction_type: row.interactionType,
    server_name: row.serverName,
    ...(row.toolName === null ? {} : { tool_name: row.toolName }),
    ...(row.durationMs === null ? {} : { duration_ms: row.durationMs }),
    ...(row.errorMessage === null ? {} : { error_message: row.errorMessage }),
    created_at: row.createdAt.toISOString(),
  };
}
