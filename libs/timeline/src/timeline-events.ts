import type { JournalEntry, JournalEntryOf, NativeToolUse, ToolCallCompleted } from '@tarsy/contracts';
import {
  assignmentEventId,
  conclusionEventId,
  errorEventId,
  fallbackEventId,
  llmInteractionId,
  nativeToolEventId,
  mailEventId,
  mcpInteractionId,
  sequenceNumberOf,
  skillEventId,
  summaryEventId,
  summaryInteractionId,
  textEventId,
  thinkingEventId,
  toolEventId,
} from './identity.js';
import type { TimelineEvent } from './projection.types.js';
import { storedText } from './stored-text.js';

/** Error code of a model call that was cut off because its execution was cancelled or out of time. */
const EXECUTION_STOPPED = 'EXECUTION_STOPPED';

/** Events that one message of the session log adds to the timeline, or changes on it. */
export function timelineEventsOf(message: JournalEntry | ToolCallCompleted): TimelineEvent[] {
  if (!('type' in message)) return [resultEvent(message)];
  switch (message.type) {
    case 'turn':
      return turnEvents(message);
    case 'turn-failed':
      return failedTurnEvents(message);
    case 'tool-requested':
      return [
        event(message, toolEventId(message.executionId, message.callId), {
          eventType: 'llm_tool_call',
          status: 'streaming',
          metadata: { server_name: message.server, tool_name: message.tool, tool_type: message.toolType, arguments: message.arguments }, // prettier-ignore
          mcpInteractionId: mcpInteractionId(message.executionId, message.callId),
        }),
      ];
    case 'tool-answered':
      return [
        event(message, toolEventId(message.executionId, message.callId), {
          eventType: 'llm_tool_call',
          content: message.content,
          metadata: { ...splitName(message.name), tool_type: message.toolType ?? 'mcp', arguments: message.arguments, is_error: message.isError }, // prettier-ignore
        }),
      ];
    case 'concluded':
      return conclusionEvents(message);
    case 'prompted':
      return promptEvents(message);
    case 'result-summarized':
      return summaryEvents(message);
    case 'mail-received':
      return mailEvents(message);
    case 'model-switched':
      return [fallbackEvent(message)];
    case 'claimed':
    case 'agent-dispatched':
    case 'parked':
    case 'message-added':
      return [];
  }
}

/** Of the beginning people see what a sub-agent is for, and which skills it has. */
function promptEvents(prompt: JournalEntryOf<'prompted'>): TimelineEvent[] {
  const { executionId, assignment, skills = [] } = prompt;
  const assigned =
    assignment === undefined
      ? []
      : [event(prompt, assignmentEventId(executionId), { eventType: 'task_assigned', content: assignment })];
  const loaded = skills.map((skill, index) =>
    event(
      prompt,
      skillEventId(executionId, skill),
      { eventType: 'skill_loaded', content: skill, metadata: { skill_name: skill } },
      Math.min(9, index + 1),
    ),
  );
  return [...assigned, ...loaded];
}

function summaryEvents(summary: JournalEntryOf<'result-summarized'>): TimelineEvent[] {
  const { executionId, callId, reason, server, tool, content, originalTokens, call } = summary;
  if (content === undefined) return [];
  return [
    event(summary, summaryEventId(executionId, callId, reason), {
      eventType: 'mcp_tool_summary',
      content,
      metadata: {
        server_name: server,
        tool_name: tool,
        original_tokens: originalTokens,
        reason,
        ...(call === undefined ? {} : { summarization_model: call.model, summarization_provider: call.provider }),
        ...(call?.isFallback ? { summarization_fallback: true } : {}),
      },
      ...(call === undefined ? {} : { llmInteractionId: summaryInteractionId(executionId, callId, reason) }),
    }),
  ];
}

/** Results of sub-agents are on the sub-agents' own timelines. */
function mailEvents(mail: JournalEntryOf<'mail-received'>): TimelineEvent[] {
  const { executionId, mailId, kind, text, author } = mail;
  if (kind !== 'guidance') return [];
  return [event(mail, mailEventId(executionId, mailId), { eventType: 'guidance_received', content: text, metadata: { author } })]; // prettier-ignore
}

function turnEvents(turn: JournalEntryOf<'turn'>): TimelineEvent[] {
  const interaction = { llmInteractionId: llmInteractionId(turn.executionId, turn.turn) };
  const metadata = { model: turn.model, provider: turn.provider };
  return [
    ...(turn.thinking
      ? [
          event(turn, thinkingEventId(turn.executionId, turn.turn), {
            eventType: 'llm_thinking',
            content: turn.thinking,
            metadata: { ...metadata, source: turn.provider },
            ...interaction,
          }),
        ]
      : []),
    ...(turn.text
      ? [
          event(
            turn,
            textEventId(turn.executionId, turn.turn),
            { eventType: 'llm_response', content: turn.text, metadata, ...interaction },
            1,
          ),
        ]
      : []),
    ...nativeToolEvents(turn),
  ];
}

/** What the tools of the model itself did while it answered; in front of the text that came of it. */
function nativeToolEvents(turn: JournalEntryOf<'turn'>): TimelineEvent[] {
  return (turn.nativeTools ?? []).map((use, index) =>
    // Rows of one entry share the room of ten; the text and the thinking have the first two.
    event(
      turn,
      nativeToolEventId(turn.executionId, turn.turn, index),
      {
        ...nativeToolDetails(use, turn.provider),
        llmInteractionId: llmInteractionId(turn.executionId, turn.turn),
      },
      Math.min(9, 2 + index),
    ),
  );
}

function nativeToolDetails(use: NativeToolUse, source: string): Details {
  switch (use.tool) {
    case 'code_execution': {
      const result = [use.outcome, use.output].filter(Boolean).join('\n');
      const content = `\`\`\`${use.language}\n${use.code}\n\`\`\`${result === '' ? '' : `\n\n\`\`\`\n${result}\n\`\`\``}`;
      return { eventType: 'code_execution', content, metadata: { source } };
    }
    case 'google_search':
      return {
        eventType: 'google_search_result',
        content: [...use.queries.map((query) => `"${query}"`), ...use.sources.map(linkTo)].join('\n'),
        metadata: { source, queries: use.queries, sources: use.sources },
      };
    case 'url_context':
      return {
        eventType: 'url_context_result',
        content: use.sources.map(linkTo).join('\n'),
        metadata: { source, sources: use.sources },
      };
  }
}

const linkTo = ({ uri, title }: { uri: string; title: string }): string => `[${title}](${uri})`;

function fallbackEvent(change: JournalEntryOf<'model-switched'>): TimelineEvent {
  const { from, to, reason, attempt, errorCode, errorIsRetryable, nativeToolsDropped, skippedIncompatible } = change;
  return event(change, fallbackEventId(change.executionId, attempt), {
    eventType: 'provider_fallback',
    content: `${from.provider} (${from.model}) failed, ${to.provider} (${to.model}) takes over: ${reason}`,
    metadata: {
      original_provider: from.provider,
      original_backend: from.backend,
      original_model: from.model,
      fallback_provider: to.provider,
      fallback_backend: to.backend,
      fallback_model: to.model,
      reason,
      attempt,
      error_code: errorCode,
      ...(errorIsRetryable === undefined ? {} : { error_retryable: errorIsRetryable }),
      ...(nativeToolsDropped.length === 0 ? {} : { native_tools_dropped: nativeToolsDropped }),
      ...(skippedIncompatible.length === 0 ? {} : { skipped_incompatible: skippedIncompatible }),
    },
  });
}

/** Of a model call that was under way when its execution had to stop, only what had arrived: the conclusion says why. */
function failedTurnEvents(turn: JournalEntryOf<'turn-failed'>): TimelineEvent[] {
  const interaction = { llmInteractionId: llmInteractionId(turn.executionId, turn.turn) };
  const wasStopped = turn.errorCode === EXECUTION_STOPPED;
  const partial = event(
    turn,
    textEventId(turn.executionId, turn.turn),
    {
      eventType: 'llm_response',
      status: wasStopped ? 'cancelled' : 'failed',
      content: turn.partialText,
      ...interaction,
    },
    1,
  );
  if (wasStopped) return turn.partialText ? [partial] : [];
  const error = event(
    turn,
    errorEventId(turn.executionId, turn.entry),
    {
      eventType: 'error',
      content: turn.errorMessage,
      metadata: { error_code: turn.errorCode, provider: turn.provider, model: turn.model },
      ...interaction,
    },
    2,
  );
  return turn.partialText ? [partial, error] : [error];
}

function conclusionEvents(end: JournalEntryOf<'concluded'>): TimelineEvent[] {
  if (end.status === 'completed' && end.result)
    return [
      event(end, conclusionEventId(end.executionId), {
        eventType: 'final_analysis',
        content: end.result,
        metadata: end.forcedConclusion
          ? {
              forced_conclusion: true,
              iterations_used: end.iterationsUsed,
              max_iterations: end.maxIterations,
              ...(end.usedUp === undefined ? {} : { budget_used_up: end.usedUp }),
            }
          : {},
      }),
    ];
  if (end.errorMessage === undefined) return [];
  return [
    event(end, conclusionEventId(end.executionId), {
      eventType: 'error',
      status: end.status,
      content: end.errorMessage,
      metadata: end.errorCode === undefined ? {} : { error_code: end.errorCode },
    }),
  ];
}

function resultEvent(result: ToolCallCompleted): TimelineEvent {
  return {
    id: toolEventId(result.executionId, result.callId),
    sessionId: result.sessionId,
    stageId: result.stageId,
    executionId: result.executionId,
    sequenceNumber: 0,
    eventType: 'llm_tool_call',
    status: 'completed',
    content: storedText(result.content),
    metadata: { is_error: result.isError, outcome: result.outcome, duration_ms: result.durationMs },
    isUpdate: true,
    mcpInteractionId: mcpInteractionId(result.executionId, result.callId),
    createdAt: result.completedAt,
    updatedAt: result.completedAt,
  };
}

type Details = Pick<TimelineEvent, 'eventType'> &
  Partial<Pick<TimelineEvent, 'status' | 'content' | 'metadata' | 'llmInteractionId' | 'mcpInteractionId'>>;

function event(entry: JournalEntry, id: string, details: Details, position = 0): TimelineEvent {
  return {
    id,
    sessionId: entry.sessionId,
    stageId: entry.stageId,
    executionId: entry.executionId,
    sequenceNumber: sequenceNumberOf(entry.entry, position),
    status: 'completed',
    content: '',
    metadata: {},
    isUpdate: false,
    createdAt: entry.at,
    updatedAt: entry.at,
    ...details,
  };
}

/** `server__tool` or `server.tool` as the model wrote it; a name of another form is all tool. */
function splitName(name: string): { server_name: string; tool_name: string } {
  const match = /^([\w-]+?)(?:__|\.)(.+)$/.exec(name);
  return { server_name: match?.[1] ?? '', tool_name: match?.[2] ?? name };
}
