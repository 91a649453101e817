import type { JournalEntry, ToolCallCompleted } from '@tarsy/contracts';
import { messageId, sequenceNumberOf } from './identity.js';
import type { ConversationEntry } from './projection.types.js';
import { storedText } from './stored-text.js';

/** What one message of the session log adds to the conversation with the model. */
export function conversationEntriesOf(message: JournalEntry | ToolCallCompleted): ConversationEntry[] {
  if (!('type' in message))
    return [
      {
        ...base(message, `tool:${message.callId}`, message.completedAt, 0),
        role: 'tool',
        content: storedText(message.content),
        toolCallId: message.callId,
        toolName: `${message.server}.${message.tool}`,
        isUpdate: true,
      },
    ];
  const entry = message;
  const at = (part: string | number, position = 0): ReturnType<typeof base> =>
    base(entry, part, entry.at, sequenceNumberOf(entry.entry, position));
  switch (entry.type) {
    case 'prompted':
      return entry.messages.map((prompt, index) => ({ ...at(`${entry.entry}:${index}`, index), ...prompt }));
    case 'turn':
      return [
        {
          ...at(entry.entry),
          role: 'assistant',
          content: entry.text,
          toolCalls:
            entry.toolCalls.length === 0
              ? undefined
              : entry.toolCalls.map((call) => ({ id: call.callId, name: call.name, arguments: call.argumentsText })),
        },
      ];
    case 'message-added':
      return [{ ...at(entry.entry), role: 'user', content: entry.content }];
    case 'tool-requested':
      return [{ ...at(`tool:${entry.callId}`), role: 'tool', content: '', toolCallId: entry.callId, toolName: `${entry.server}.${entry.tool}` }]; // prettier-ignore
    case 'tool-answered':
      return [{ ...at(`tool:${entry.callId}`), role: 'tool', content: entry.content, toolCallId: entry.callId, toolName: entry.name }]; // prettier-ignore
    case 'mail-received':
      return [{ ...at(entry.entry), role: 'user', content: entry.content }];
    case 'result-summarized':
      // The summary is what the model goes on reading.
      if (entry.content === undefined) return [];
      return [
        {
          ...base(entry, `tool:${entry.callId}`, entry.at, 0),
          role: 'tool',
          content: storedText(entry.content),
          toolCallId: entry.callId,
          toolName: `${entry.server}.${entry.tool}`,
          isUpdate: true,
        },
      ];
    case 'agent-dispatched':
    case 'parked':
    case 'claimed':
    case 'turn-failed':
    case 'model-switched':
    case 'concluded':
      return [];
  }
}

function base(
  { sessionId, stageId, executionId }: JournalEntry | ToolCallCompleted,
  part: string | number,
  createdAt: string,
  sequenceNumber: number,
): Omit<ConversationEntry, 'role' | 'content'> {
  return {
    id: messageId(executionId, part),
    sessionId,
    stageId,
    executionId,
    createdAt,
    sequenceNumber,
    toolCalls: undefined,
    toolCallId: undefined,
    toolName: undefined,
    isUpdate: false,
  };
}
