import type { ScriptedToolCall, ScriptedUsage } from '../model-script.js';
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
import { complaintAbout } from './openai-rules.js';

/** OpenAI's streamed chat completions. */
export const openAiChat: Dialect = {
  name: 'openai-chat',
  end: 'data: [DONE]\n\n',
  lineEnd: '\n',
  serves: (path) => path.endsWith('/chat/completions'),
  modelOf: (_path, body) => String(body['model']),
  opening: (context) => [chunk(context, { role: 'assistant', content: '' })],
  content: (context) => {
    const { pieces = DEFAULT_PIECES, thinkingKey = 'reasoning_content', thinking, text, refusal, toolCalls } = context.turn; // prettier-ignore
    return [
      ...split(thinking ?? '', pieces).map((piece) => chunk(context, { [thinkingKey]: piece })),
      ...split(text ?? '', pieces).map((piece) => chunk(context, { content: piece })),
      ...split(refusal ?? '', pieces).map((piece) => chunk(context, { refusal: piece })),
      ...(toolCalls ?? []).flatMap((call, position) => callDeltas(call, context, position, pieces)),
    ];
  },
  closing: (context) => {
    const { turn } = context;
    const { finishReason = (turn.toolCalls?.length ?? 0) > 0 ? 'tool_calls' : 'stop', usage = DEFAULT_USAGE } = turn;
    return [
      ...(finishReason === null ? [] : [chunk(context, {}, finishReason)]),
      ...(usage === null ? [] : [frame(context, { choices: [], usage: usageOf(usage) })]),
    ];
  },
  complaintAbout,
  errorInStream: (error) => ({ data: { error } }),
  errorBody: (_status, error) => ({ error }),
};

function frame({ model, index }: AnswerContext, fields: Fields): Frame {
  return { data: { id: `chatcmpl-${index}`, object: 'chat.completion.chunk', created: 0, model, ...fields } };
}

function chunk(context: AnswerContext, delta: Fields, finishReason: string | null = null): Frame {
  return frame(context, { choices: [{ index: 0, delta, finish_reason: finishReason }] });
}

function callDeltas(call: ScriptedToolCall, context: AnswerContext, position: number, pieces: number): Frame[] {
  const id = idOf(call, context.index, position);
  const of = (fields: Fields): Frame => chunk(context, { tool_calls: [{ index: position, ...fields }] });
  return [
    of({ ...(id === null ? {} : { id }), type: 'function', function: { name: call.name, arguments: '' } }),
    ...split(argumentsTextOf(call), pieces).map((piece) => of({ function: { arguments: piece } })),
  ];
}

function usageOf({ inputTokens, outputTokens, thinkingTokens = 0, cachedInputTokens = 0 }: ScriptedUsage): Fields {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    completion_tokens_details: { reasoning_tokens: thinkingTokens },
    prompt_tokens_details: { cached_tokens: cachedInputTokens },
  };
}
