import { complaintAbout } from './anthropic-rules.js';
import {
  argumentsTextOf,
  DEFAULT_PIECES,
  DEFAULT_USAGE,
  idOf,
  split,
  type AnswerContext,
  type Dialect,
  type Fields,
  type Frame,
} from './dialect.js';

/** Anthropic's streamed messages, also as Vertex AI serves them: content blocks start, grow by deltas, and stop. */
export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
  end: '',
  lineEnd: '\n',
  serves: (path) =>
    path.endsWith('/v1/messages') || /\/publishers\/anthropic\/models\/[^/]+:streamRawPredict$/.test(path),
  modelOf: (path, body) => String(body['model'] ?? /models\/([^/:]+):/.exec(path)?.[1]),
  opening: ({ turn: { usage = DEFAULT_USAGE }, model, index }) => {
    const message = { id: `msg_${index}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null }; // prettier-ignore
    return [of('message_start', { message: { ...message, usage: usage === null ? {} : { ...inputUsageOf(usage), output_tokens: 1 } } }), of('ping', {})]; // prettier-ignore
  },
  content: (context) =>
    blocksOf(context).flatMap(({ block, deltas }, position) => [
      of('content_block_start', { index: position, content_block: block }),
      ...deltas.map((delta) => of('content_block_delta', { index: position, delta })),
      of('content_block_stop', { index: position }),
    ]),
  closing: ({ turn }) => {
    const { toolCalls = [], refusal, usage = DEFAULT_USAGE } = turn;
    const otherwise = refusal !== undefined ? 'refusal' : toolCalls.length > 0 ? 'tool_use' : 'end_turn';
    const { finishReason = otherwise } = turn;
    if (finishReason === null) return [];
    const details = refusal === undefined ? null : { type: 'refusal', category: null, explanation: refusal };
    const delta = { stop_reason: finishReason, stop_sequence: null, stop_details: details };
    return [of('message_delta', { delta, usage: outputUsageOf(usage) }), of('message_stop', {})];
  },
  complaintAbout,
  errorInStream: (error) => of('error', { error: { type: 'overloaded_error', ...error } }),
  errorBody: (status, error) => ({ type: 'error', error: { type: ERROR_TYPES[status] ?? 'api_error', ...error } }),
};

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

interface Block {
  readonly block: Fields;
  readonly deltas: readonly Fields[];
}

function blocksOf({ turn, index }: AnswerContext): Block[] {
  const { thinking, signature, text, toolCalls = [], pieces = DEFAULT_PIECES } = turn;
  const blocks: Block[] = [];
  if (thinking !== undefined) {
    const signed = signature === undefined ? [] : [{ type: 'signature_delta', signature }];
    const deltas = [...split(thinking, pieces).map((piece) => ({ type: 'thinking_delta', thinking: piece })), ...signed]; // prettier-ignore
    blocks.push({ block: { type: 'thinking', thinking: '', signature: '' }, deltas });
  } else if (signature !== undefined)
    blocks.push({ block: { type: 'redacted_thinking', data: signature }, deltas: [] });
  if (text !== undefined)
    blocks.push({
      block: { type: 'text', text: '' },
      deltas: split(text, pieces).map((piece) => ({ type: 'text_delta', text: piece })),
    });
  toolCalls.forEach((call, position) =>
    blocks.push({
      block: { type: 'tool_use', id: idOf(call, index, position), name: call.name, input: {} },
      deltas: split(argumentsTextOf(call), pieces).map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    }),
  );
  return blocks;
}

const of = (type: string, fields: Fields): Frame => ({ event: type, data: { type, ...fields } });

/** The API counts what was read from the cache, and written to it, apart from the rest of the input. */
function inputUsageOf(usage: AnswerContext['turn']['usage']): Fields {
  if (!usage) return {};
  const { inputTokens, cachedInputTokens = 0, cacheWriteInputTokens = 0 } = usage;
  return {
    input_tokens: inputTokens - cachedInputTokens - cacheWriteInputTokens,
    cache_read_input_tokens: cachedInputTokens,
    cache_creation_input_tokens: cacheWriteInputTokens,
  };
}

function outputUsageOf(usage: AnswerContext['turn']['usage']): Fields {
  if (!usage) return {};
  const { outputTokens, thinkingTokens = 0 } = usage;
  return { output_tokens: outputTokens, output_tokens_details: { thinking_tokens: thinkingTokens } };
}
