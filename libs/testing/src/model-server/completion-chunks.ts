import type { ModelTurn, ScriptedToolCall, ScriptedUsage } from './model-script.js';

type Chunk = Readonly<Record<string, unknown>>;

const DEFAULT_USAGE: ScriptedUsage = { inputTokens: 100, outputTokens: 20 };

/** The chunks that carry content, one delta each. */
export function contentChunks(turn: ModelTurn, model: string, index: number): Chunk[] {
  const { pieces = 3, thinkingKey = 'reasoning_content' } = turn;
  const delta = (value: Chunk): Chunk => chunkOf(model, index, [{ index: 0, delta: value, finish_reason: null }]);
  return [
    ...split(turn.thinking ?? '', pieces).map((piece) => delta({ [thinkingKey]: piece })),
    ...split(turn.text ?? '', pieces).map((piece) => delta({ content: piece })),
    ...(turn.toolCalls ?? []).flatMap((call, position) => callDeltas(call, index, position, pieces).map(delta)),
  ];
}

/** The chunks after the content: why it ended, and what it cost. */
export function closingChunks(turn: ModelTurn, model: string, index: number): Chunk[] {
  const { finishReason = (turn.toolCalls?.length ?? 0) > 0 ? 'tool_calls' : 'stop', usage = DEFAULT_USAGE } = turn;
  return [
    ...(finishReason === null ? [] : [chunkOf(model, index, [{ index: 0, delta: {}, finish_reason: finishReason }])]),
    ...(usage === null ? [] : [{ ...chunkOf(model, index, []), usage: usageOf(usage) }]),
  ];
}

export function openingChunk(model: string, index: number): Chunk {
  return chunkOf(model, index, [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]);
}

function chunkOf(model: string, index: number, choices: readonly unknown[]): Chunk {
  return { id: `chatcmpl-${index}`, object: 'chat.completion.chunk', created: 0, model, choices };
}

function callDeltas(call: ScriptedToolCall, turn: number, position: number, pieces: number): Chunk[] {
  const { id = `call_${turn}_${position}`, name } = call;
  const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
  return [
    { tool_calls: [{ index: position, ...(id === null ? {} : { id }), type: 'function', function: { name, arguments: '' } }] }, // prettier-ignore
    ...split(text, pieces).map((piece) => ({ tool_calls: [{ index: position, function: { arguments: piece } }] })),
  ];
}

function usageOf({ inputTokens, outputTokens, thinkingTokens = 0, cachedInputTokens = 0 }: ScriptedUsage): Chunk {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    completion_tokens_details: { reasoning_tokens: thinkingTokens },
    prompt_tokens_details: { cached_tokens: cachedInputTokens },
  };
}

function split(text: string, pieces: number): string[] {
  if (text === '') return [];
  const size = Math.max(1, Math.ceil(text.length / pieces));
  return Array.from({ length: Math.ceil(text.length / size) }, (_, part) => text.slice(part * size, (part + 1) * size));
}
