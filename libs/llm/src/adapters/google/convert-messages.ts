import type { Content, Part } from '@google/genai';
import type { ConversationMessage } from '../../language-model.js';
import type { ToolNames } from '../tool-names.js';
import { argumentsObject } from '../untyped.js';
import { generationOf } from './model-family.js';
import { partsOf, withPlaceholder } from './vendor-state.js';

export interface Prompt {
  readonly systemInstruction?: string;
  readonly contents: Content[];
}

export interface Reader {
  readonly names: ToolNames;
  /** Whose vendor state is sent back. */
  readonly source: string;
  readonly model: string;
}

/** The conversation as contents: system prompts apart, neighbours of one role in one content, so that answers to parallel calls stay together. */
export function convertMessages(messages: readonly ConversationMessage[], reader: Reader): Prompt {
  const system = messages.flatMap((message) => (message.role === 'system' ? [message.content] : [])).join('\n\n');
  const contents: { role: string; parts: Part[] }[] = [];
  const idsByCall = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'model' : 'user';
    const parts = convertParts(message, reader, idsByCall);
    if (parts.length === 0) continue;
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  }
  return { ...(system === '' ? {} : { systemInstruction: system }), contents };
}

/** @param idsByCall Filled with the ids that the vendor gave its calls, which it wants back with the answers. */
function convertParts(
  message: Exclude<ConversationMessage, { role: 'system' }>,
  reader: Reader,
  idsByCall: Map<string, string>,
): Part[] {
  switch (message.role) {
    case 'user':
      return [{ text: message.content }];
    case 'tool': {
      const id = idsByCall.get(message.callId);
      const response = message.isError ? { error: message.content } : { output: message.content };
      return [{ functionResponse: { ...(id === undefined ? {} : { id }), name: reader.names.toVendor(message.name), response } }]; // prettier-ignore
    }
    case 'assistant': {
      const kept = partsOf(message.vendorState, reader.source);
      if (kept.length === 0) return rebuiltParts(message, reader);
      const ids = kept.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall.id]));
      message.toolCalls.forEach(({ callId }, index) => {
        const id = ids[index];
        if (id !== undefined) idsByCall.set(callId, id);
      });
      return kept;
    }
  }
}

function rebuiltParts(message: ConversationMessage & { role: 'assistant' }, { names, model }: Reader): Part[] {
  const calls = message.toolCalls.map((call) => ({
    functionCall: { name: names.toVendor(call.name), args: argumentsObject(call.argumentsText) },
  }));
  const parts = [...(message.text.trim() === '' ? [] : [{ text: message.text }]), ...calls];
  return generationOf(model) >= 3 ? withPlaceholder(parts) : parts;
}
