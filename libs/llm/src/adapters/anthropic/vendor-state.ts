import type Anthropic from '@anthropic-ai/sdk';
import type { VendorState } from '@tarsy/contracts';
import { list, record, textOf } from '../untyped.js';

export type ThinkingBlock = Anthropic.ThinkingBlockParam | Anthropic.RedactedThinkingBlockParam;
/** What stands between thinking; a call is named, because the conversation has it. */
export type StateBlock =
  ThinkingBlock | { readonly type: 'text'; readonly text: string } | { readonly type: 'tool_use'; readonly id: string };

export const isThinking = (block: { readonly type: string }): block is ThinkingBlock =>
  block.type === 'thinking' || block.type === 'redacted_thinking';

/**
 * Thinking as it was signed; the API wants it back, unchanged, in front of the tool calls that it led to. Where not all of it came first,
 * its place among the rest is kept too.
 *
 * @param blocks All of one answer, in order.
 */
export function stateOf(blocks: readonly StateBlock[], source: string): VendorState | undefined {
  const thinking = blocks.filter(isThinking);
  if (thinking.length === 0) return undefined;
  return { source, data: blocks.slice(0, thinking.length).every(isThinking) ? thinking : [...blocks] };
}

/** None when another model made the state: it could not check the signatures. */
export function blocksIn(state: VendorState | undefined, source: string): StateBlock[] {
  if (state?.source !== source) return [];
  return list(state.data).flatMap((block): StateBlock[] => {
    const { type, thinking, signature, data, text, id } = record(block);
    if (type === 'thinking') return [{ type, thinking: textOf(thinking), signature: textOf(signature) }];
    if (type === 'redacted_thinking') return [{ type, data: textOf(data) }];
    if (type === 'text') return [{ type, text: textOf(text) }];
    if (type === 'tool_use') return [{ type, id: textOf(id) }];
    return [];
  });
}
