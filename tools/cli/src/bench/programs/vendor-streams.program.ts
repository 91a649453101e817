import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../program.js';
import type { StreamSettings, Vendor } from '../vendor-streams.js';

/** A stream of one vendor, as text that is written already. */
interface Stream {
  readonly begin: string;
  readonly piece: string;
  readonly end: string;
}

const WORDS = 'the pods of this deployment restart, ';
const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const choice = (delta: object, finish_reason: string | null = null): string =>
  data({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
  });
const candidate = (text: string, more: object = {}): string =>
  data({ candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }], modelVersion: 'm' });

const STREAMS: Readonly<Record<Vendor, Stream>> = {
  'openai-chat': {
    begin: choice({ role: 'assistant', content: '' }),
    piece: choice({ content: WORDS }),
    end: `${choice({}, 'stop')}data: [DONE]\n\n`,
  },
  'openai-responses': {
    begin: event('response.created', { response: { id: 'r', status: 'in_progress', output: [] } }),
    piece: event('response.output_text.delta', { item_id: 'm', output_index: 0, content_index: 0, delta: WORDS }),
    end: event('response.completed', { response: { id: 'r', status: 'completed', output: [] } }),
  },
  anthropic: {
    begin:
      event('message_start', { message: { id: 'm', role: 'assistant', content: [], usage: { input_tokens: 9, output_tokens: 1 } } }) + // prettier-ignore
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    piece: event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: WORDS } }),
    end:
      event('content_block_stop', { index: 0 }) +
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }) +
      event('message_stop', {}),
  },
  gemini: { begin: '', piece: candidate(WORDS), end: candidate('', { finishReason: 'STOP' }) },
};

let settings: StreamSettings = { vendor: 'openai-chat', pieces: 0, everyMs: 0 };

const server = createServer((request, response) => {
  request.resume().once('end', () => void answer(response).catch(() => response.destroy()));
});

async function answer(response: ServerResponse): Promise<void> {
  const { vendor, pieces, everyMs } = settings;
  const { begin, piece, end } = STREAMS[vendor];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (everyMs === 0) return void response.end(begin + piece.repeat(pieces) + end);
  response.write(begin);
  for (let index = 0; index < pieces; index++) {
    await sleep(everyMs);
    response.write(piece);
  }
  response.end(end);
}

answerCalls({
  start: async (): Promise<string> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  set: (given: StreamSettings): void => void (settings = given),
});
