import type {
  LlmInteractionType,
  McpInteractionType,
  TimelineEventType,
  TimelineStatus,
  TokenUsage,
} from '@tarsy/contracts';

interface OfExecution {
  /** Derived from the execution and the step, so that projecting twice gives the same row. */
  readonly id: string;
  readonly sessionId: string;
  readonly stageId: string;
  readonly executionId: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** What people see of one step. */
export interface TimelineEvent extends OfExecution {
  /** Order within the execution; see `sequenceNumberOf`. 0 for an update. */
  readonly sequenceNumber: number;
  readonly eventType: TimelineEventType;
  readonly status: TimelineStatus;
  readonly content: string;
  /** An update's metadata is merged into the event's. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The event exists already: only status, content, metadata, interaction and time change. */
  readonly isUpdate: boolean;
  readonly llmInteractionId?: string;
  readonly mcpInteractionId?: string;
  readonly updatedAt: string;
}

/** Audit record of one model call. */
export interface LlmInteraction extends OfExecution {
  readonly interactionType: LlmInteractionType;
  readonly provider: string;
  readonly modelName: string;
  /** The messages that the model saw are those of the execution with a smaller sequence number. */
  readonly sequenceNumber: number;
  readonly request: Readonly<Record<string, unknown>>;
  readonly response: Readonly<Record<string, unknown>>;
  readonly thinkingContent: string | undefined;
  readonly usage: TokenUsage | null;
  readonly durationMs: number;
  readonly errorMessage: string | undefined;
}

/** Audit record of one tool call, or of one server's list of tools. */
export interface McpInteraction extends OfExecution {
  readonly interactionType: McpInteractionType;
  readonly serverName: string;
  readonly toolName: string | undefined;
  readonly arguments: Readonly<Record<string, unknown>> | undefined;
  readonly result: { readonly content: string; readonly isError: boolean } | undefined;
  readonly availableTools: readonly { readonly name: string; readonly description: string }[] | undefined;
  readonly durationMs: number | undefined;
  readonly errorMessage: string | undefined;
  /** The arguments were recorded when the call was requested; this completes that row. */
  readonly isUpdate: boolean;
}

/** One entry of the conversation with the model. */
export interface ConversationEntry extends OfExecution {
  readonly sequenceNumber: number;
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[] | undefined;
  readonly toolCallId: string | undefined;
  readonly toolName: string | undefined;
  /** The row exists already: only its content changes. */
  readonly isUpdate: boolean;
}
