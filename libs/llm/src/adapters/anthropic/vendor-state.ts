import type Anthropic from '@anthropic-ai/sdk';
import type { VendorState } from '@tarsy/contracts';
import { list, record, textOf } from '../untyped.js';

export type ThinkingBlock = Anthropic.ThinkingBlockParam | Anthropic.RedactedThinkingBlockParam;

/** Thinking as it was signed; the API wants it back, unchanged, in front of the tool calls that it led to. */
export function stateOf(blocks: readonly ThinkingBlock[], source: string): VendorState | undefined {
  return blocks.length === 0 ? undefined : { source, data: blocks };
}

/** None when another model made the state: it could not check the signatures. */
export function thinkingBlocksOf(state: VendorState | undefined, source: string): ThinkingBlock[] {
  if (state?.source !== source) return [];
  return list(state.data).flatMap((block): ThinkingBlock[] => {
    const { type, thinking, signature, data } = record(block);
    if (type === 'thinking') return [{ type, thinking: textOf(thinking), signature: textOf(signature) }];
    if (type === 'redacted_thinking') return [{ type, data: textOf(data) }];
    return [];
  });
}
