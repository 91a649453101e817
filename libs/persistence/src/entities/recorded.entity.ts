import type { LlmInteractionType, McpInteractionType, TimelineEventType, TimelineStatus } from '@tarsy/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What the recorder projects from the session log: ids are derived, so recording a message twice changes nothing. */
abstract class Recorded {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'session_id' })
  sessionId!: string;

  @Column('uuid', { name: 'stage_id' })
  stageId!: string;

  @Column('uuid', { name: 'execution_id' })
  executionId!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

@Entity('timeline_events')
@Index(['sessionId', 'createdAt'])
export class TimelineEventRow extends Recorded {
  /** Order within the execution. */
  @Column('integer', { name: 'sequence_number' })
  sequenceNumber!: number;

  @Column('text', { name: 'event_type' })
  eventType!: TimelineEventType;

  @Column('text')
  status!: TimelineStatus;

  @Column('text')
  content!: string;

  @Column('jsonb')
  metadata!: Record<string, unknown>;

  @Column('uuid', { name: 'llm_interaction_id', nullable: true })
  llmInteractionId!: string | null;

  @Column('uuid', { name: 'mcp_interaction_id', nullable: true })
  mcpInteractionId!: string | null;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}

@Entity('messages')
@Index(['executionId', 'sequenceNumber'])
export class MessageRow extends Recorded {
  @Column('integer', { name: 'sequence_number' })
  sequenceNumber!: number;

  @Column('text')
  role!: 'system' | 'user' | 'assistant' | 'tool';

  @Column('text')
  content!: string;

  @Column('jsonb', { name: 'tool_calls', nullable: true })
  toolCalls!: { id: string; name: string; arguments: string }[] | null;

  @Column('text', { name: 'tool_call_id', nullable: true })
  toolCallId!: string | null;

  @Column('text', { name: 'tool_name', nullable: true })
  toolName!: string | null;
}

@Entity('llm_interactions')
@Index(['sessionId', 'createdAt'])
export class LlmInteractionRow extends Recorded {
  @Column('text', { name: 'interaction_type' })
  interactionType!: LlmInteractionType;

  @Column('text')
  provider!: string;

  @Column('text', { name: 'model_name' })
  modelName!: string;

  /** The model saw the execution's messages with a smaller sequence number. */
  @Column('integer', { name: 'sequence_number' })
  sequenceNumber!: number;

  @Column('jsonb', { name: 'llm_request' })
  llmRequest!: Record<string, unknown>;

  @Column('jsonb', { name: 'llm_response' })
  llmResponse!: Record<string, unknown>;

  @Column('text', { name: 'thinking_content', nullable: true })
  thinkingContent!: string | null;

  /** Null where the provider counts no tokens. */
  @Column('integer', { name: 'input_tokens', nullable: true })
  inputTokens!: number | null;

  @Column('integer', { name: 'output_tokens', nullable: true })
  outputTokens!: number | null;

  @Column('integer', { name: 'thinking_tokens', nullable: true })
  thinkingTokens!: number | null;

  @Column('integer', { name: 'total_tokens', nullable: true })
  totalTokens!: number | null;

  @Column('integer', { name: 'cached_input_tokens', nullable: true })
  cachedInputTokens!: number | null;

  @Column('integer', { name: 'cache_write_input_tokens', nullable: true })
  cacheWriteInputTokens!: number | null;

  /** USD, by the prices of the time of the call; null where no price was known. */
  @Column('double precision', { name: 'estimated_cost_usd', nullable: true })
  estimatedCostUsd!: number | null;

  @Column('double precision', { name: 'duration_ms' })
  durationMs!: number;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage!: string | null;
}

@Entity('mcp_interactions')
@Index(['sessionId', 'createdAt'])
export class McpInteractionRow extends Recorded {
  @Column('text', { name: 'interaction_type' })
  interactionType!: McpInteractionType;

  @Column('text', { name: 'server_name' })
  serverName!: string;

  @Column('text', { name: 'tool_name', nullable: true })
  toolName!: string | null;

  @Column('jsonb', { name: 'tool_arguments', nullable: true })
  toolArguments!: Record<string, unknown> | null;

  @Column('jsonb', { name: 'tool_result', nullable: true })
  toolResult!: { content: string; is_error: boolean } | null;

  @Column('jsonb', { name: 'available_tools', nullable: true })
  availableTools!: { name: string; description: string }[] | null;

  @Column('double precision', { name: 'duration_ms', nullable: true })
  durationMs!: number | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage!: string | null;
}
