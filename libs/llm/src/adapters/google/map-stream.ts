import type { GenerateContentResponse, Part } from '@google/genai';
import type { LanguageModelEvent } from '../../language-model.js';
import { ContentRefusedError } from '../../language-model.errors.js';
import { endedEarly } from '../vendor-failure.js';
import { mapStopReason } from './map-stop-reason.js';
import { mapUsage } from './map-usage.js';
import { NativeToolUses } from './native-tool-uses.js';
import { stateOf } from './vendor-state.js';

export interface StreamMapping {
  readonly toolNameOf: (vendorName: string) => string;
  readonly makeId: () => string;
  /** Names the maker of the vendor state. */
  readonly source: string;
}

/**
 * Turns the responses of one stream into events.
 * @throws {PartialStreamError} the stream ended in the middle
 * @throws {ProviderError} the stream ended before anything arrived
 * @throws {ContentRefusedError} the prompt was blocked, or nothing of the answer was let through
 */
export async function* mapStream(
  responses: AsyncIterable<GenerateContentResponse>,
  { toolNameOf, makeId, source }: StreamMapping,
): AsyncGenerator<LanguageModelEvent> {
  const parts: Part[] = [];
  const native = new NativeToolUses();
  const calls: (LanguageModelEvent & { type: 'tool-call' })[] = [];
  let finishReason: string | undefined;
  let usage: unknown;

  for await (const { candidates, promptFeedback, usageMetadata } of responses) {
    usage = usageMetadata ?? usage;
    if (promptFeedback?.blockReason !== undefined)
      throw new ContentRefusedError(`the prompt was blocked: ${promptFeedback.blockReason}`);
    const candidate = candidates?.[0];
    if (candidate === undefined) continue;
    native.add(candidate);
    for (const part of candidate.content?.parts ?? []) {
      parts.push(part);
      const { functionCall: call } = part;
      // Without this, code that runs at the vendor would look like silence.
      yield { type: part.thought ? 'thinking-delta' : 'text-delta', text: part.text ?? '' };
      if (call?.name !== undefined)
        calls.push({
          type: 'tool-call',
          vendorCallId: call.id ?? makeId(),
          name: toolNameOf(call.name),
          argumentsText: JSON.stringify(call.args ?? {}),
        });
    }
    finishReason = candidate.finishReason ?? finishReason;
  }

  if (finishReason === undefined) throw endedEarly(parts.length > 0);
  const stopReason = mapStopReason(finishReason, calls.length > 0);
  if (stopReason === 'content-filter' && !parts.some(({ text }) => text)) throw new ContentRefusedError(`the vendor's filter refused: ${finishReason}`); // prettier-ignore
  for (const use of native.finish()) yield { type: 'native-tool', use };
  yield* calls;
  const vendorState = stateOf(parts, source);
  yield { type: 'finish', stopReason, usage: mapUsage(usage), ...(vendorState === undefined ? {} : { vendorState }) };
}
