import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { closingChunks, contentChunks, openingChunk } from './completion-chunks.js';
import type { ChatRequestBody, ModelScript, ModelTurn } from './model-script.js';

/** One request that the server got. */
export interface RecordedRequest {
  /** Name of the script that answered; undefined when none matched. */
  readonly script: string | undefined;
  /** Which turn of the script it got, from 0. */
  readonly index: number;
  readonly body: ChatRequestBody;
  readonly headers: IncomingHttpHeaders;
  /** When its body had come, by `Date.now()`. */
  readonly receivedAtMs: number;
  /** The client closed the connection before the answer was complete. */
  readonly isAborted: boolean;
  /** Resolves when the answer is complete or the connection is closed. */
  readonly closed: Promise<void>;
}

export interface ModelServer {
  /** Base URL for clients, `/v1` included. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Adds a script; earlier ones are asked first. */
  script(script: ModelScript): void;
  requestsOf(scriptName: string): RecordedRequest[];
  /** Resolves with the request number `count` (from 1) of a script, as soon as it has come. */
  request(scriptName: string, count: number): Promise<RecordedRequest>;
  /** Requests answered at this moment. */
  readonly open: number;
  close(): Promise<void>;
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Starts an HTTP server on a free port of this machine that speaks OpenAI's streamed chat completions and says what scripts tell it. */
export async function startModelServer(): Promise<ModelServer> {
  const scripts: ModelScript[] = [];
  const requests: RecordedRequest[] = [];
  const waiting = new Set<() => void>();
  let open = 0;

  const requestsOf = (name: string): RecordedRequest[] => requests.filter(({ script }) => script === name);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET') return sendJson(response, 200, { object: 'list', data: [{ id: 'scripted' }] });
    const body = JSON.parse(await textOf(request)) as ChatRequestBody;
    const script = scripts.find(({ matches }) => matches?.(body) ?? true);
    const index = script === undefined ? 0 : requestsOf(script.name).length;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const recorded: Writable<RecordedRequest> = { script: script?.name, index, body, headers: request.headers, receivedAtMs: Date.now(), isAborted: false, closed }; // prettier-ignore
    open++;
    response.once('close', () => {
      open--;
      recorded.isAborted = !response.writableFinished;
      resolve();
    });
    requests.push(recorded);
    for (const look of waiting) look();
    const turn = script === undefined ? undefined : turnOf(script, body, index);
    await (turn === undefined ? refuse(response, script, index) : play(turn, body.model, index, response));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    requestsOf,
    script: (script) => void scripts.push(script),
    request: (name, count) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = requestsOf(name)[count - 1];
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    get open() {
      return open;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function turnOf({ turns }: ModelScript, body: ChatRequestBody, index: number): ModelTurn | undefined {
  return typeof turns === 'function' ? turns(body, index) : turns[index];
}

async function play(turn: ModelTurn, model: string, index: number, response: ServerResponse): Promise<void> {
  await turn.beforeAnswer;
  if (turn.error !== undefined) {
    const { status, body = { message: `scripted error ${status}` }, headers = {} } = turn.error;
    return sendJson(response, status, { error: body }, headers);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (data: unknown): Promise<void> => write(response, `data: ${JSON.stringify(data)}\n\n`);
  await send(openingChunk(model, index));
  for (const [position, chunk] of [...contentChunks(turn, model, index), undefined].entries()) {
    if (turn.breakAfterChunks === position) return void response.destroy();
    if (turn.stallAfterChunks === position) return;
    if (turn.gate?.afterChunks === position) await turn.gate.until;
    if (chunk === undefined) continue;
    if (turn.chunkDelayMs !== undefined) await delay(turn.chunkDelayMs);
    await send(chunk);
  }
  if (turn.errorInStream !== undefined) await send({ error: turn.errorInStream });
  for (const chunk of closingChunks(turn, model, index)) await send(chunk);
  response.end('data: [DONE]\n\n');
}

/** Answers 400, which nobody repeats: a test fails at once and says why. */
function refuse(response: ServerResponse, script: ModelScript | undefined, index: number): void {
  const message = script === undefined ? 'no script matches' : `script ${script.name} has no turn ${index}`;
  sendJson(response, 400, { error: { message, code: 'not_scripted' } });
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Resolves once the piece is on its way, so that pieces arrive one by one. */
function write(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    response.write(text, () => resolve());
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
