import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { anthropicMessages } from './dialects/anthropic-messages.js';
import type { AnswerContext, Dialect, DialectName, Frame } from './dialects/dialect.js';
import { gemini } from './dialects/gemini.js';
import { openAiChat } from './dialects/openai-chat.js';
import { openAiResponses } from './dialects/openai-responses.js';
import type { ChatRequestBody, ModelScript, ModelTurn } from './model-script.js';

const DIALECTS: readonly Dialect[] = [openAiChat, openAiResponses, anthropicMessages, gemini];

/** Answer of Google's service that changes one token for another. */
const GOOGLE_TOKEN = {
  access_token: 'access-token',
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: 3_600,
};

/** One request that the server got. */
export interface RecordedRequest {
  /** Name of the script that answered; undefined when none matched. */
  readonly script: string | undefined;
  /** Which turn of the script it got, from 0. */
  readonly index: number;
  /** The vendor's API that it speaks. */
  readonly dialect: DialectName;
  readonly path: string;
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
  /** Base URL for OpenAI's clients, `/v1` included. */
  readonly url: string;
  /** Base URL for the clients of Anthropic and Google. */
  readonly origin: string;
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

/**
 * Starts an HTTP server on a free port of this machine that says what scripts tell it, in the streamed API that the path of a request
 * belongs to: OpenAI's chat completions and responses, Anthropic's messages, Gemini's `streamGenerateContent`.
 */
export async function startModelServer(): Promise<ModelServer> {
  const scripts: ModelScript[] = [];
  const requests: RecordedRequest[] = [];
  const waiting = new Set<() => void>();
  let open = 0;

  const requestsOf = (name: string): RecordedRequest[] => requests.filter(({ script }) => script === name);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET') return sendJson(response, 200, { object: 'list', data: [{ id: 'scripted' }] });
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/token') return sendJson(response, 200, GOOGLE_TOKEN);
    const dialect = DIALECTS.find((candidate) => candidate.serves(path));
    if (dialect === undefined) return sendJson(response, 404, { error: { message: `no API at ${path}`, code: 404 } });
    const body = JSON.parse(await textOf(request)) as ChatRequestBody;
    const script = scripts.find(({ matches }) => matches?.(body) ?? true);
    const index = script === undefined ? 0 : requestsOf(script.name).length;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const recorded: Writable<RecordedRequest> = { script: script?.name, index, dialect: dialect.name, path, body, headers: request.headers, receivedAtMs: Date.now(), isAborted: false, closed }; // prettier-ignore
    open++;
    response.once('close', () => {
      open--;
      recorded.isAborted = !response.writableFinished;
      resolve();
    });
    requests.push(recorded);
    for (const look of waiting) look();
    const complaint = dialect.complaintAbout?.(body);
    if (complaint !== undefined) return sendJson(response, 400, dialect.errorBody(400, { message: complaint }));
    const turn = script === undefined ? undefined : turnOf(script, body, index);
    if (turn === undefined) return refuse(response, dialect, script, index);
    await play(dialect, { turn, model: dialect.modelOf(path, body), index }, response);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/v1`,
    origin,
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

async function play(dialect: Dialect, context: AnswerContext, response: ServerResponse): Promise<void> {
  const { turn } = context;
  await turn.beforeAnswer;
  if (turn.error !== undefined) {
    const { status, body = { message: `scripted error ${status}` }, headers = {} } = turn.error;
    return sendJson(response, status, dialect.errorBody(status, body), headers);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const send = (frame: Frame): Promise<void> => write(response, textOfFrame(frame, dialect), turn.bytesPerWrite);
  for (const frame of dialect.opening(context)) await send(frame);
  const gates = [...(turn.gate ? [turn.gate] : []), ...(turn.gates ?? [])];
  for (const [position, frame] of [...dialect.content(context), undefined].entries()) {
    if (turn.breakAfterChunks === position) return void response.destroy();
    if (turn.stallAfterChunks === position) return;
    for (const gate of gates) if (gate.afterChunks === position) await gate.until;
    if (frame === undefined) continue;
    if (turn.chunkDelayMs !== undefined) await delay(turn.chunkDelayMs);
    await send(frame);
  }
  if (turn.errorInStream !== undefined) await send(dialect.errorInStream(turn.errorInStream));
  else for (const frame of dialect.closing(context)) await send(frame);
  response.end(turn.errorInStream === undefined ? dialect.end : '');
}

function textOfFrame({ event, data }: Frame, { lineEnd }: Dialect): string {
  const name = event === undefined ? '' : `event: ${event}${lineEnd}`;
  return `${name}data: ${JSON.stringify(data)}${lineEnd}${lineEnd}`;
}

/** Answers 400, which nobody repeats: a test fails at once and says why. */
function refuse(response: ServerResponse, dialect: Dialect, script: ModelScript | undefined, index: number): void {
  const message = script === undefined ? 'no script matches' : `script ${script.name} has no turn ${index}`;
  sendJson(response, 400, dialect.errorBody(400, { message, code: 'not_scripted' }));
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

/** Resolves once the pieces are on their way, so that they arrive one by one. */
async function write(response: ServerResponse, text: string, bytesPerWrite?: number): Promise<void> {
  const bytes = Buffer.from(text);
  const size = bytesPerWrite ?? bytes.length;
  for (let at = 0; at < bytes.length && !response.destroyed; at += size)
    await new Promise<void>((resolve) => response.write(bytes.subarray(at, at + size), () => resolve()));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
