import type { LanguageModelEvent } from '../../language-model.js';
import { ContentRefusedError } from '../../language-model.errors.js';
import { record, textOf, type Fields } from '../untyped.js';
import { endedEarly } from '../vendor-failure.js';
import { mapStopReason } from './map-stop-reason.js';
import { mapUsage, mergeUsage } from './map-usage.js';
import { stateOf, type StateBlock } from './vendor-state.js';

export interface StreamMapping {
  readonly toolNameOf: (vendorName: string) => string;
  readonly makeId: () => string;
  /** Names the maker of the vendor state. */
  readonly source: string;
}

/** A content block under way, and what has come of it. */
interface OpenBlock {
  readonly start: Fields;
  text: string;
  thinking: string;
  signature: string;
  argumentsText: string;
}

/**
 * Turns the events of one message into ours.
 * @throws {PartialStreamError} the stream ended in the middle
 * @throws {ProviderError} the stream ended before anything arrived
 * @throws {ContentRefusedError} the model refused to answer, or to go on
 */
export async function* mapStream(
  events: AsyncIterable<unknown>,
  mapping: StreamMapping,
): AsyncGenerator<LanguageModelEvent> {
  const blocks: StateBlock[] = [];
  const calls: (LanguageModelEvent & { type: 'tool-call' })[] = [];
  let block: OpenBlock | undefined;
  let usage: Fields = {};
  let ending: Fields = {};
  let hasContent = false;
  let isComplete = false;

  for await (const raw of events) {
    const event = record(raw);
    switch (event['type']) {
      case 'message_start':
        usage = mergeUsage(usage, record(event['message'])['usage']);
        break;
      case 'content_block_start':
        block = { start: record(event['content_block']), text: '', thinking: '', signature: '', argumentsText: '' };
        block.text = textOf(block.start['text']);
        hasContent = true;
        // A tool call, or thinking that stays hidden, is a sign of life.
        yield { type: 'text-delta', text: block.text };
        break;
      case 'content_block_delta': {
        const delta = deltaOf(record(event['delta']), block);
        if (delta !== undefined) yield delta;
        break;
      }
      case 'content_block_stop':
        if (block?.start['type'] === 'tool_use') {
          const call = callOf(block, mapping);
          calls.push(call);
          blocks.push({ type: 'tool_use', id: call.vendorCallId });
        } else if (block !== undefined) blocks.push(...keptOf(block));
        block = undefined;
        break;
      case 'message_delta':
        ending = record(event['delta']);
        usage = mergeUsage(usage, event['usage']);
        break;
      case 'message_stop':
        isComplete = true;
    }
  }

  if (!isComplete) throw endedEarly(hasContent);
  if (ending['stop_reason'] === 'refusal') throw refusalOf(record(ending['stop_details']));
  yield* calls;
  const vendorState = calls.length === 0 ? undefined : stateOf(blocks, mapping.source);
  yield {
    type: 'finish',
    stopReason: mapStopReason(textOf(ending['stop_reason'])),
    usage: mapUsage(usage),
    ...(vendorState === undefined ? {} : { vendorState }),
  };
}

function deltaOf(delta: Fields, block: OpenBlock | undefined): LanguageModelEvent | undefined {
  switch (delta['type']) {
    case 'text_delta':
      if (block !== undefined) block.text += textOf(delta['text']);
      return { type: 'text-delta', text: textOf(delta['text']) };
    case 'thinking_delta':
      if (block !== undefined) block.thinking += textOf(delta['thinking']);
      return { type: 'thinking-delta', text: textOf(delta['thinking']) };
    case 'signature_delta':
      if (block !== undefined) block.signature += textOf(delta['signature']);
      return undefined;
    case 'input_json_delta':
      if (block !== undefined) block.argumentsText += textOf(delta['partial_json']);
      // Long arguments are no silence.
      return { type: 'text-delta', text: '' };
    default:
      return undefined;
  }
}

function callOf(
  { start, argumentsText }: OpenBlock,
  { toolNameOf, makeId }: StreamMapping,
): LanguageModelEvent & { type: 'tool-call' } {
  // Some servers send short arguments whole, at the start.
  const whole = Object.keys(record(start['input'])).length > 0 ? JSON.stringify(start['input']) : '';
  return {
    type: 'tool-call',
    vendorCallId: textOf(start['id']) || makeId(),
    name: toolNameOf(textOf(start['name'])),
    argumentsText: argumentsText || whole,
  };
}

function keptOf({ start, text, thinking, signature }: OpenBlock): StateBlock[] {
  switch (start['type']) {
    case 'text':
      return [{ type: 'text', text }];
    case 'redacted_thinking':
      return [{ type: 'redacted_thinking', data: textOf(start['data']) }];
    case 'thinking':
      // What is not signed is refused.
      return signature === '' ? [] : [{ type: 'thinking', thinking, signature }];
    default:
      return [];
  }
}

function refusalOf(details: Fields): ContentRefusedError {
  const why = textOf(details['explanation']) || textOf(details['category']);
  return new ContentRefusedError(why === '' ? 'the model refused' : `the model refused: ${why}`);
}
