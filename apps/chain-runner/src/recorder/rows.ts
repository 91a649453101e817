import type { JournalEntryOf } from '@tarsy/contracts';
import type { ConversationEntry, LlmInteraction, McpInteraction, TimelineEvent } from '@tarsy/timeline';

interface RecordedColumns {
  readonly id: string;
  readonly session_id: string;
  readonly stage_id: string;
  readonly execution_id: string;
  readonly created_at: string;
}

type RowOf<Column extends string> = RecordedColumns & Readonly<Record<Column, unknown>>;

function base({
  id,
  sessionId,
  stageId,
  executionId,
  createdAt,
}: {
  id: string;
  sessionId: string;
  stageId: string;
  executionId: string;
  createdAt: string;
}): RecordedColumns {
  // prettier-ignore
  return { id, session_id: sessionId, stage_id: stageId, execution_id: executionId, created_at: createdAt };
}

export function timelineRow(
  event: TimelineEvent,
): RowOf<
  | 'sequence_number'
  | 'event_type'
  | 'status'
  | 'content'
  | 'metadata'
  | 'llm_interaction_id'
  | 'mcp_interaction_id'
  | 'updated_at'
> {
  // prettier-ignore
  return {
    ...base(event),
    sequence_number: event.sequenceNumber,
    event_type: event.eventType,
    status: event.status,
    content: event.content,
    metadata: event.metadata,
    llm_interaction_id: event.llmInteractionId ?? null,
    mcp_interaction_id: event.mcpInteractionId ?? null,
    updated_at: event.updatedAt,
  };
}

export function messageRow(
  entry: ConversationEntry,
): RowOf<'sequence_number' | 'role' | 'content' | 'tool_calls' | 'tool_call_id' | 'tool_name'> {
  // prettier-ignore
  return {
    ...base(entry),
    sequence_number: entry.sequenceNumber,
    role: entry.role,
    content: entry.content,
    tool_calls: entry.toolCalls ?? null,
    tool_call_id: entry.toolCallId ?? null,
    tool_name: entry.toolName ?? null,
  };
}

/** @param costUsd Undefined where no price is known. */
export function llmInteractionRow(
  interaction: LlmInteraction,
  costUsd: number | undefined,
): RecordedColumns & Readonly<Record<string, unknown>> {
  const { usage } = interaction;
  return {
    ...base(interaction),
    interaction_type: interaction.interactionType,
    provider: interaction.provider,
    model_name: interaction.modelName,
    sequence_number: interaction.sequenceNumber,
    llm_request: interaction.request,
    llm_response: interaction.response,
    thinking_content: interaction.thinkingContent ?? null,
    input_tokens: usage?.inputTokens ?? null,
    output_tokens: usage?.outputTokens ?? null,
    thinking_tokens: usage?.thinkingTokens ?? null,
    total_tokens: usage ? usage.inputTokens + usage.outputTokens : null,
    cached_input_tokens: usage?.cachedInputTokens ?? null,
    cache_write_input_tokens: usage?.cacheWriteInputTokens ?? null,
    estimated_cost_usd: costUsd ?? null,
    duration_ms: interaction.durationMs,
    error_message: interaction.errorMessage ?? null,
  };
}

/** What a change of model is to the row of its execution. */
export function modelSwitchRow({
  executionId,
  original,
  to,
  reason,
  errorCode,
  attempt,
}: JournalEntryOf<'model-switched'>): {
  readonly id: string;
} & Readonly<Record<string, unknown>> {
  return {
    id: executionId,
    llm_provider: to.provider,
    llm_backend: to.backend,
    model_name: to.model,
    original_llm_provider: original.provider,
    original_llm_backend: original.backend,
    original_model_name: original.model,
    fallback_reason: reason,
    fallback_error_code: errorCode,
    fallback_attempt: attempt,
  };
}

export function mcpInteractionRow(interaction: McpInteraction): RecordedColumns & Readonly<Record<string, unknown>> {
  const { result } = interaction;
  return {
    ...base(interaction),
    interaction_type: interaction.interactionType,
    server_name: interaction.serverName,
    tool_name: interaction.toolName ?? null,
    tool_arguments: interaction.arguments ?? null,
    tool_result: result ? { content: result.content, is_error: result.isError } : null,
    available_tools: interaction.availableTools ?? null,
    duration_ms: interaction.durationMs ?? null,
    error_message: interaction.errorMessage ?? null,
  };
}
