import type { TokenUsage, VendorState } from '@tarsy/contracts';
import type { LanguageModelEvent, StopReason } from '../../language-model.js';
import { ContentRefusedError } from '../../language-model.errors.js';
import { count, list, record, textOf, type Fields } from '../untyped.js';
import { endedEarly } from '../vendor-failure.js';

export interface StreamMapping {
  readonly toolNameOf: (vendorName: string) => string;
  readonly makeId: () => string;
  /** Names the maker of the vendor state. */
  readonly source: string;
}

/** A response that the API itself says has failed, with its words for it. */
export class FailedResponseError extends Error {
  constructor(
    readonly vendorCode: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Turns the events of one response into ours.
 * @throws {PartialStreamError} the stream ended in the middle
 * @throws {ProviderError} the stream ended before anything arrived
 * @throws {ContentRefusedError} the model refused to answer
 * @throws {FailedResponseError} the API reported a failure within the stream
 */
export async function* mapStream(
  events: AsyncIterable<unknown>,
  mapping: StreamMapping,
): AsyncGenerator<LanguageModelEvent> {
  const calls: (LanguageModelEvent & { type: 'tool-call' })[] = [];
  const reasoning: Fields[] = [];
  let response: Fields | undefined;
  let refusal = '';
  let hasContent = false;

  for await (const raw of events) {
    const event = record(raw);
    switch (event['type']) {
      case 'response.output_text.delta':
        hasContent = true;
        yield { type: 'text-delta', text: textOf(event['delta']) };
        break;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        hasContent = true;
        yield { type: 'thinking-delta', text: textOf(event['delta']) };
        break;
      case 'response.reasoning_summary_part.added':
        // Parts of a summary are paragraphs.
        if (count(event['summary_index']) > 0) yield { type: 'thinking-delta', text: '\n\n' };
        break;
      case 'response.output_item.added':
      case 'response.function_call_arguments.delta':
        hasContent = true;
        // Hidden reasoning and long arguments are no silence.
        yield { type: 'text-delta', text: '' };
        break;
      case 'response.refusal.delta':
        refusal += textOf(event['delta']);
        break;
      case 'response.output_item.done': {
        const item = record(event['item']);
        if (item['type'] === 'function_call') calls.push(callOf(item, mapping));
        if (item['type'] === 'reasoning' && typeof item['encrypted_content'] === 'string') reasoning.push(sealed(item));
        break;
      }
      case 'response.completed':
      case 'response.incomplete':
        response = record(event['response']);
        break;
      case 'response.failed':
        throw failureIn(record(record(event['response'])['error']));
      case 'error':
        throw failureIn(event);
    }
  }

  if (refusal !== '') throw new ContentRefusedError(`the model refused: ${refusal}`);
  if (response === undefined) throw endedEarly(hasContent);
  const stopReason = stopReasonOf(response, calls.length > 0);
  if (stopReason === 'content-filter' && !hasContent) throw new ContentRefusedError("the vendor's filter refused");
  yield* calls;
  const vendorState: VendorState | undefined =
    calls.length === 0 || reasoning.length === 0 ? undefined : { source: mapping.source, data: reasoning };
  const usage = usageOf(response['usage']);
  yield { type: 'finish', stopReason, usage, ...(vendorState === undefined ? {} : { vendorState }) };
}

function callOf(item: Fields, { toolNameOf, makeId }: StreamMapping): LanguageModelEvent & { type: 'tool-call' } {
  return {
    type: 'tool-call',
    vendorCallId: textOf(item['call_id']) || makeId(),
    name: toolNameOf(textOf(item['name'])),
    argumentsText: textOf(item['arguments']),
  };
}

/** Nothing is stored at the vendor, so the seal alone carries the reasoning; ids would point to nothing. */
function sealed({ encrypted_content, summary }: Fields): Fields {
  return { type: 'reasoning', summary: list(summary), encrypted_content };
}

function failureIn(error: Fields): FailedResponseError {
  return new FailedResponseError(textOf(error['code']), textOf(error['message']) || 'the response failed');
}

function stopReasonOf(response: Fields, hasCalls: boolean): StopReason {
  if (response['status'] !== 'incomplete') return hasCalls ? 'tool-calls' : 'stop';
  const reason = record(response['incomplete_details'])['reason'];
  return reason === 'max_output_tokens' ? 'length' : reason === 'content_filter' ? 'content-filter' : 'other';
}

function usageOf(usage: unknown): TokenUsage | null {
  if (typeof usage !== 'object' || usage === null) return null;
  const fields = record(usage);
  return {
    inputTokens: count(fields['input_tokens']),
    outputTokens: count(fields['output_tokens']),
    thinkingTokens: count(record(fields['output_tokens_details'])['reasoning_tokens']),
    cachedInputTokens: count(record(fields['input_tokens_details'])['cached_tokens']),
  };
}
