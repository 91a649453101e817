import type { OpenAI } from 'openai';
import type { ConversationMessage } from '../../language-model.js';
import type { ToolNames } from '../tool-names.js';
import { objectIn } from '../untyped.js';

type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam;

/** The conversation in the words of the chat completions API. Earlier thinking is left out: the API has no place for it. */
export function convertMessages(messages: readonly ConversationMessage[], names: ToolNames): Message[] {
  return messages.flatMap((message) => convertMessage(message, names));
}

function convertMessage(message: ConversationMessage, names: ToolNames): Message[] {
  switch (message.role) {
    case 'system':
    case 'user':
      return [{ role: message.role, content: message.content }];
    case 'tool':
      return [{ role: 'tool', tool_call_id: message.vendorCallId, content: message.content }];
    case 'assistant':
      return convertAnswer(message, names);
  }
}

function convertAnswer(message: ConversationMessage & { role: 'assistant' }, names: ToolNames): Message[] {
  if (message.toolCalls.length > 0)
    return [
      {
        role: 'assistant',
        content: message.text === '' ? null : message.text,
        tool_calls: message.toolCalls.map((call) => ({
          id: call.vendorCallId,
          type: 'function',
          function: { name: names.toVendor(call.name), arguments: argumentsForVendor(call.argumentsText) },
        })),
      },
    ];
  // Some servers refuse a blank answer in the history.
  return message.text.trim() === '' ? [] : [{ role: 'assistant', content: message.text }];
}

/** Servers that render the history through a template fail on arguments that are no JSON object. */
export function argumentsForVendor(text: string): string {
  if (objectIn(text) !== undefined) return text;
  return text.trim() === '' ? '{}' : JSON.stringify({ input: text });
}
