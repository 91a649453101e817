import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../program.js';
import { completionChunk, timeMark } from '../wire.js';

export interface ModelSettings {
  /** Tool calls before the model answers with text. */
  readonly toolTurns: number;
  /** From the request to the whole answer. */
  readonly latencyMs: number;
  /** First turns wait for `release`, then begin within one `latencyMs`, so that they do not beat in time. */
  readonly holdsFirstTurns?: boolean;
  /** Streams final answers piece by piece, each marked with the time it left; they wait for `release`. */
  readonly stream?: { readonly pieces: number; readonly everyMs: number };
}

const WORDS = 'the pods of this deployment restart, ';
const END = `${completionChunk({}, 'stop')}${completionChunk(undefined)}data: [DONE]\n\n`;
const TOOL_END = `${completionChunk({}, 'tool_calls')}${completionChunk(undefined)}data: [DONE]\n\n`;

/** A model server that costs little: it counts the turns in the text of the request and answers with what is written already. */
let settings: ModelSettings = { toolTurns: 0, latencyMs: 0 };
let released = Promise.withResolvers<void>();
let isReleased = false;
let waiting = 0;

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await textOf(request);
  if (settings.holdsFirstTurns && !isReleased) {
    waiting++;
    await released.promise;
    await sleep(Math.random() * settings.latencyMs);
  }
  if (settings.latencyMs > 0) await sleep(settings.latencyMs);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  // Only investigations offer tools; the summary at the end does not.
  if (!body.includes('"tools":')) return void response.end(completionChunk({ content: 'All is well.' }) + END);
  const turn = body.split('"role":"assistant"').length;
  if (turn <= settings.toolTurns) return void response.end(toolCall(turn) + TOOL_END);
  if (settings.stream === undefined) return void response.end(completionChunk({ content: 'All is well.' }) + END);
  await stream(response, settings.stream);
}

function toolCall(step: number): string {
  const call = { name: 'bench__instant', arguments: JSON.stringify({ step }) };
  return completionChunk({ tool_calls: [{ index: 0, id: `call_${step}`, type: 'function', function: call }] });
}

/** Starts somewhere within the first pause, so that the streams do not beat in time. */
async function stream(
  response: ServerResponse,
  { pieces, everyMs }: NonNullable<ModelSettings['stream']>,
): Promise<void> {
  waiting++;
  await released.promise;
  const startMs = performance.now() + Math.random() * everyMs;
  for (let piece = 0; piece < pieces; piece++) {
    await sleep(Math.max(0, startMs + piece * everyMs - performance.now()));
    response.write(completionChunk({ content: timeMark(process.hrtime.bigint()) + WORDS }));
  }
  response.end(END);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('latin1');
}

answerCalls({
  start: async (given: ModelSettings): Promise<string> => {
    settings = given;
    released = Promise.withResolvers();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  },
  /** How many answers wait to be released. */
  waiting: () => waiting,
  release: () => {
    isReleased = true;
    released.resolve();
  },
});
