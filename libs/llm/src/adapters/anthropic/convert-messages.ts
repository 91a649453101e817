import type Anthropic from '@anthropic-ai/sdk';
import type { ConversationMessage } from '../../language-model.js';
import type { ToolNames } from '../tool-names.js';
import { argumentsObject } from '../untyped.js';
import { blocksIn, isThinking } from './vendor-state.js';

type Content = Anthropic.ContentBlockParam[];
export interface Prompt {
  readonly system: Anthropic.TextBlockParam[];
  readonly messages: Anthropic.MessageParam[];
}

/** Everything up to here may be read from the vendor's cache by the next call. */
const CACHED = { cache_control: { type: 'ephemeral' } } as const;

/**
 * The conversation in the words of the messages API: system prompts apart, neighbours of one role in one message. Two places are marked
 * for the cache: the system prompt, which all calls of an execution share, and the end, which the next call of this one extends.
 *
 * @param source Whose vendor state is sent back; that of another model is left out.
 */
export function convertMessages(messages: readonly ConversationMessage[], names: ToolNames, source: string): Prompt {
  const system = messages
    .filter(({ role, content }: { role: string; content?: string }) => role === 'system' && content?.trim() !== '')
    .map((message) => ({ type: 'text' as const, text: (message as { content: string }).content }));
  const converted: { role: 'user' | 'assistant'; content: Content }[] = [];
  for (const message of messages) {
    const next = convertMessage(message, names, source);
    if (next === undefined || next.content.length === 0) continue;
    const last = converted.at(-1);
    if (last?.role === next.role) last.content.push(...next.content);
    else converted.push(next);
  }
  return { system: withLastCached(system), messages: cachedAtEnd(converted) };
}

function convertMessage(
  message: ConversationMessage,
  names: ToolNames,
  source: string,
): { role: 'user' | 'assistant'; content: Content } | undefined {
  switch (message.role) {
    case 'system':
      return undefined;
    case 'user':
      return { role: 'user', content: textBlocks(message.content) };
    case 'tool':
      return {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: idForVendor(message.vendorCallId),
            is_error: message.isError,
            ...(message.content.trim() === '' ? {} : { content: message.content }),
          },
        ],
      };
    case 'assistant':
      return { role: 'assistant', content: answerBlocks(message, names, source) };
  }
}

/** Thinking is needed with calls only; alone it is refused. */
function answerBlocks(message: ConversationMessage & { role: 'assistant' }, names: ToolNames, source: string): Content {
  const { text, toolCalls, vendorState } = message;
  const calls = toolCalls.map((call) => ({
    type: 'tool_use' as const,
    id: idForVendor(call.vendorCallId),
    name: names.toVendor(call.name),
    input: argumentsObject(call.argumentsText),
  }));
  const state = calls.length === 0 ? [] : blocksIn(vendorState, source);
  if (state.every(isThinking)) return [...state, ...textBlocks(text), ...calls];
  return state.flatMap((block): Content => {
    if (block.type === 'text') return textBlocks(block.text);
    return block.type === 'tool_use' ? calls.filter(({ id }) => id === idForVendor(block.id)) : [block];
  });
}

/** The API refuses blank text. */
const textBlocks = (text: string): Anthropic.TextBlockParam[] => (text.trim() === '' ? [] : [{ type: 'text', text }]);

/** Ids of other vendors may hold characters that this one refuses. */
const idForVendor = (id: string): string => id.replace(/[^\w-]/g, '_');

function withLastCached(blocks: Anthropic.TextBlockParam[]): Anthropic.TextBlockParam[] {
  return blocks.map((block, index) => (index === blocks.length - 1 ? { ...block, ...CACHED } : block));
}

function cachedAtEnd(messages: { role: 'user' | 'assistant'; content: Content }[]): Anthropic.MessageParam[] {
  const block = messages.at(-1)?.content.at(-1);
  if (block !== undefined && block.type !== 'thinking' && block.type !== 'redacted_thinking')
    Object.assign(block, CACHED);
  return messages;
}
