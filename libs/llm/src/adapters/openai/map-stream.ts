import type { LanguageModelEvent } from '../../language-model.js';
import { ContentRefusedError } from '../../language-model.errors.js';
import { record, textOf } from '../untyped.js';
import { endedEarly } from '../vendor-failure.js';
import { mapStopReason } from './map-stop-reason.js';
import { mapUsage } from './map-usage.js';
import { ToolCallAssembly } from './tool-call-assembly.js';

export interface StreamMapping {
  readonly toolNameOf: (vendorName: string) => string;
  readonly makeId: () => string;
}

/**
 * Turns the chunks of one chat completion into events. Chunks are read as data, not as the SDK types them: what servers that speak
 * this API send differs.
 * @throws {PartialStreamError} the stream ended in the middle
 * @throws {ProviderError} the stream ended before anything arrived
 * @throws {ContentRefusedError} the model, or a filter, refused to answer
 */
export async function* mapStream(
  chunks: AsyncIterable<unknown>,
  { toolNameOf, makeId }: StreamMapping,
): AsyncGenerator<LanguageModelEvent> {
  const calls = new ToolCallAssembly();
  let finishReason: string | undefined;
  let usage: unknown;
  let refusal = '';
  let hasContent = false;

  for await (const chunk of chunks) {
    const { choices, usage: reported } = record(chunk);
    usage = reported ?? usage;
    const choice = record(Array.isArray(choices) ? choices[0] : undefined);
    const delta = record(choice['delta']);
    const thinking = textOf(delta['reasoning_content']) || textOf(delta['reasoning']);
    const text = textOf(delta['content']);
    if (thinking !== '') yield { type: 'thinking-delta', text: thinking };
    if (text !== '') yield { type: 'text-delta', text };
    const called: unknown[] = Array.isArray(delta['tool_calls']) ? delta['tool_calls'] : [];
    for (const call of called) calls.add(call);
    // Long arguments are no silence.
    if (called.length > 0) yield { type: 'text-delta', text: '' };
    refusal += textOf(delta['refusal']);
    hasContent ||= thinking !== '' || text !== '' || called.length > 0;
    if (typeof choice['finish_reason'] === 'string') finishReason = choice['finish_reason'];
  }

  if (refusal !== '') throw new ContentRefusedError(`the model refused: ${refusal}`);
  if (finishReason === undefined) throw endedEarly(hasContent);
  if (finishReason === 'content_filter' && !hasContent) throw new ContentRefusedError("the vendor's filter refused");
  for (const call of calls.finish(makeId)) yield { ...call, name: toolNameOf(call.name) };
  yield { type: 'finish', stopReason: mapStopReason(finishReason), usage: mapUsage(usage) };
}
