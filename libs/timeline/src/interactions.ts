import type { JournalEntry, JournalEntryOf, ToolCallCompleted } from '@tarsy/contracts';
import { llmInteractionId, mcpInteractionId, sequenceNumberOf, summaryInteractionId, toolListId } from './identity.js';
import type { LlmInteraction, McpInteraction } from './projection.types.js';
import { storedText } from './stored-text.js';

/** Model calls and tool calls that one message of the session log records. */
export function interactionsOf(message: JournalEntry | ToolCallCompleted): {
  llm: LlmInteraction[];
  mcp: McpInteraction[];
} {
  return { llm: llmInteractionsOf(message), mcp: mcpInteractionsOf(message) };
}

function llmInteractionsOf(message: JournalEntry | ToolCallCompleted): LlmInteraction[] {
  if ('type' in message && message.type === 'result-summarized') return summarizationsOf(message);
  if (!('type' in message) || (message.type !== 'turn' && message.type !== 'turn-failed')) return [];
  const common = {
    id: llmInteractionId(message.executionId, message.turn),
    ...placeOf(message),
    createdAt: message.startedAt,
    interactionType: message.interactionType,
    provider: message.provider,
    modelName: message.model,
    sequenceNumber: sequenceNumberOf(message.entry),
    request: { iteration: message.iteration, turn: message.turn },
    durationMs: message.durationMs,
  };
  if (message.type === 'turn-failed')
    return [
      {
        ...common,
        response: { error_code: message.errorCode, text_length: message.partialText.length, tool_calls_count: 0 },
        thinkingContent: undefined,
        usage: null,
        errorMessage: message.errorMessage,
      },
    ];
  return [
    {
      ...common,
      response: {
        text_length: message.text.length,
        tool_calls_count: message.toolCalls.length,
        stop_reason: message.stopReason,
        ...(message.nativeTools === undefined ? {} : { native_tools: message.nativeTools }),
      },
      thinkingContent: message.thinking || undefined,
      usage: message.usage,
      errorMessage: undefined,
    },
  ];
}

function summarizationsOf(summary: JournalEntryOf<'result-summarized'>): LlmInteraction[] {
  const { executionId, callId, reason, server, tool, originalTokens, content = '', call } = summary;
  if (call === undefined) return [];
  const { errorCode, errorMessage } = call;
  return [
    {
      id: summaryInteractionId(executionId, callId, reason),
      ...placeOf(summary),
      createdAt: call.startedAt,
      interactionType: 'summarization',
      provider: call.provider,
      modelName: call.model,
      sequenceNumber: sequenceNumberOf(summary.entry),
      request: { server_name: server, tool_name: tool, original_tokens: originalTokens, reason },
      response: { text_length: content.length, ...(errorCode === undefined ? {} : { error_code: errorCode }) },
      thinkingContent: undefined,
      usage: call.usage,
      durationMs: call.durationMs,
      errorMessage,
    },
  ];
}

function mcpInteractionsOf(message: JournalEntry | ToolCallCompleted): McpInteraction[] {
  if (!('type' in message)) return [resultOf(message)];
  if (message.type === 'prompted')
    return message.toolServers.map((server) => ({
      ...emptyInteraction,
      id: toolListId(message.executionId, server.server),
      ...placeOf(message),
      createdAt: message.at,
      interactionType: 'tool_list' as const,
      serverName: server.server,
      availableTools: server.tools,
      errorMessage: server.errorMessage,
    }));
  if (message.type === 'tool-requested')
    return [
      {
        ...emptyInteraction,
        id: mcpInteractionId(message.executionId, message.callId),
        ...placeOf(message),
        createdAt: message.at,
        interactionType: 'tool_call' as const,
        serverName: message.server,
        toolName: message.tool,
        arguments: message.arguments,
      },
    ];
  return [];
}

const emptyInteraction = {
  toolName: undefined,
  arguments: undefined,
  result: undefined,
  availableTools: undefined,
  durationMs: undefined,
  errorMessage: undefined,
  isUpdate: false,
};

/** What a cut in the middle of a surrogate pair leaves at the end. */
const HALF_A_CHARACTER = /[\ud800-\udbff]$/;

function resultOf(result: ToolCallCompleted): McpInteraction {
  const content = storedText(result.content);
  return {
    ...emptyInteraction,
    id: mcpInteractionId(result.executionId, result.callId),
    ...placeOf(result),
    createdAt: result.completedAt,
    interactionType: 'tool_call',
    serverName: result.server,
    toolName: result.tool,
    result: { content, isError: result.isError },
    durationMs: result.durationMs,
    errorMessage: result.isError ? content.slice(0, 2_000).replace(HALF_A_CHARACTER, '') : undefined,
    isUpdate: true,
  };
}

function placeOf({ sessionId, stageId, executionId }: JournalEntry | ToolCallCompleted): {
  sessionId: string;
  stageId: string;
  executionId: string;
} {
  return { sessionId, stageId, executionId };
}
