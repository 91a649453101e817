import type { OpenAI } from 'openai';
import type { VendorState } from '@tarsy/contracts';
import type { ConversationMessage } from '../../language-model.js';
import { argumentsForVendor } from '../openai/convert-messages.js';
import type { ToolNames } from '../tool-names.js';
import { list, record } from '../untyped.js';

type Item = OpenAI.Responses.ResponseInputItem;

/**
 * The conversation as items. Sealed reasoning goes back in front of the calls that it led to.
 * @param source Whose vendor state is sent back; that of another model is left out.
 */
export function convertMessages(messages: readonly ConversationMessage[], names: ToolNames, source: string): Item[] {
  return messages.flatMap((message) => convertMessage(message, names, source));
}

function convertMessage(message: ConversationMessage, names: ToolNames, source: string): Item[] {
  switch (message.role) {
    case 'system':
    case 'user':
      return [{ role: message.role, content: message.content }];
    case 'tool':
      return [{ type: 'function_call_output', call_id: message.vendorCallId, output: message.content }];
    case 'assistant':
      return [
        ...reasoningOf(message.vendorState, source),
        ...(message.text.trim() === '' ? [] : [{ role: 'assistant' as const, content: message.text }]),
        ...message.toolCalls.map((call) => ({
          type: 'function_call' as const,
          call_id: call.vendorCallId,
          name: names.toVendor(call.name),
          arguments: argumentsForVendor(call.argumentsText),
        })),
      ];
  }
}

/** None when another model made the state: it could not open the seal. */
function reasoningOf(state: VendorState | undefined, source: string): Item[] {
  if (state?.source !== source) return [];
  return list(state.data).filter((item) => record(item)['type'] === 'reasoning') as Item[];
}
