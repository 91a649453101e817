import type { ScriptedUsage } from '../model-script.js';
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

/** OpenAI's streamed responses: items are added, grow by deltas, and are done. */
export const openAiResponses: Dialect = {
  name: 'openai-responses',
  end: '',
  lineEnd: '\n',
  serves: (path) => path.endsWith('/responses'),
  modelOf: (_path, body) => String(body['model']),
  opening: (context) => [of('response.created', { response: responseOf(context, { status: 'in_progress' }) })],
  content: (context) =>
    itemsOf(context).flatMap(({ added, deltas, done }, position) => [
      of('response.output_item.added', { output_index: position, item: added }),
      ...deltas.map(({ type, ...fields }) => of(type, { output_index: position, item_id: added['id'], ...fields })),
      of('response.output_item.done', { output_index: position, item: done }),
    ]),
  closing: (context) => {
    const { finishReason, usage = DEFAULT_USAGE } = context.turn;
    if (finishReason === null) return [];
    const counted = usage === null ? {} : { usage: usageOf(usage) };
    if (finishReason === undefined || finishReason === 'completed')
      return [of('response.completed', { response: responseOf(context, { status: 'completed', ...counted }) })];
    const incomplete = { status: 'incomplete', incomplete_details: { reason: finishReason }, ...counted };
    return [of('response.incomplete', { response: responseOf(context, incomplete) })];
  },
  errorInStream: (error) => of('error', { code: null, param: null, ...error }),
  errorBody: (_status, error) => ({ error }),
};

interface Item {
  readonly added: Fields;
  readonly deltas: readonly ({ readonly type: string } & Fields)[];
  readonly done: Fields;
}

function itemsOf({ turn, index }: AnswerContext): Item[] {
  const { thinking, signature, text, refusal, toolCalls = [], pieces = DEFAULT_PIECES } = turn;
  const items: Item[] = [];
  if (thinking !== undefined || signature !== undefined)
    items.push(reasoning(thinking ?? '', signature, index, pieces));
  if (text !== undefined) items.push(message('output_text', 'text', text, index, pieces));
  if (refusal !== undefined) items.push(message('refusal', 'refusal', refusal, index, pieces));
  toolCalls.forEach((call, position) => {
    const item = { type: 'function_call', id: `fc_${index}_${position}`, call_id: idOf(call, index, position), name: call.name }; // prettier-ignore
    const argumentsText = argumentsTextOf(call);
    const deltas = split(argumentsText, pieces).map((delta) => ({ type: 'response.function_call_arguments.delta', delta })); // prettier-ignore
    items.push({ added: { ...item, arguments: '' }, deltas, done: { ...item, arguments: argumentsText, status: 'completed' } }); // prettier-ignore
  });
  return items;
}

function reasoning(thinking: string, signature: string | undefined, index: number, pieces: number): Item {
  const item = { type: 'reasoning', id: `rs_${index}` };
  const sealed = signature === undefined ? {} : { encrypted_content: signature };
  const summary = thinking === '' ? [] : [{ type: 'summary_text', text: thinking }];
  return {
    added: { ...item, summary: [] },
    deltas: split(thinking, pieces).map((delta) => ({ type: 'response.reasoning_summary_text.delta', summary_index: 0, delta })), // prettier-ignore
    done: { ...item, summary, ...sealed },
  };
}

function message(type: string, key: string, text: string, index: number, pieces: number): Item {
  const item = { type: 'message', id: `msg_${index}`, role: 'assistant' };
  return {
    added: { ...item, status: 'in_progress', content: [] },
    deltas: split(text, pieces).map((delta) => ({ type: `response.${type}.delta`, content_index: 0, delta })),
    done: { ...item, status: 'completed', content: [{ type, [key]: text }] },
  };
}

const of = (type: string, fields: Fields): Frame => ({ event: type, data: { type, ...fields } });

function responseOf({ model, index }: AnswerContext, fields: Fields): Fields {
  return { id: `resp_${index}`, object: 'response', created_at: 0, model, output: [], ...fields };
}

function usageOf({ inputTokens, outputTokens, thinkingTokens = 0, cachedInputTokens = 0 }: ScriptedUsage): Fields {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: thinkingTokens },
    total_tokens: inputTokens + outputTokens,
  };
}
