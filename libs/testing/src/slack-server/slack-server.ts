import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { argumentsOf, type SlackArguments } from './request-body.js';
import { SlackWorkspace, type SlackMessage } from './slack-workspace.js';

/** What happens to a call instead of an answer, or to its answer. */
export type SlackTrouble =
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  /** The call is carried out; its answer never comes: the connection stays open, or is closed. */
  | { readonly kind: 'answer-lost'; readonly connection: 'open' | 'closed' };

/** One call that the server got. */
export interface SlackCall {
  readonly method: string;
  readonly arguments: SlackArguments;
  readonly at: number;
}

export interface SlackServer {
  /** Base address for clients: `SLACK_API_URL`. */
  readonly url: string;
  /** The only token that is good. */
  readonly token: string;
  readonly calls: readonly SlackCall[];
  /** Everything in every channel, oldest first. */
  readonly messages: readonly SlackMessage[];
  callsOf(method: string): SlackCall[];
  /** Puts a message there as somebody else would. */
  add(message: Omit<SlackMessage, 'ts'>, at?: Date): SlackMessage;
  /** Decides before each call; undefined lets it through. Replaces the decision before it. */
  trouble(decide: (call: SlackCall) => SlackTrouble | undefined): void;
  close(): Promise<void>;
}

/** Starts an HTTP server on a free port of this machine that speaks the part of Slack's Web API that TARSy uses. */
export async function startSlackServer(channels: readonly string[], token = 'xoxb-0000-test'): Promise<SlackServer> {
  const workspace = new SlackWorkspace(channels);
  const calls: SlackCall[] = [];
  let decide: (call: SlackCall) => SlackTrouble | undefined = () => undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = (request.url ?? '').replace(/^\/api\//, '').replace(/\?.*$/, '');
    const call = { method, arguments: await argumentsOf(request), at: Date.now() };
    calls.push(call);
    const trouble = decide(call);
    if (trouble?.kind === 'error') return send(response, 200, { ok: false, error: trouble.error });
    if (trouble?.kind === 'status') return send(response, trouble.status, { message: 'scripted' });
    if (trouble?.kind === 'rate-limited')
      return send(
        response,
        429,
        { ok: false, error: 'ratelimited' },
        { 'retry-after': String(trouble.retryAfterSeconds) },
      );
    if (tokenOf(request, call.arguments) !== token) return send(response, 200, { ok: false, error: 'invalid_auth' });
    const result = workspace.call(method, call.arguments);
    if (trouble === undefined) return send(response, 200, result);
    if (trouble.connection === 'closed') response.destroy();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    token,
    calls,
    messages: workspace.messages,
    callsOf: (method) => calls.filter((call) => call.method === method),
    add: (message, at) => workspace.add(message, at),
    trouble: (other) => void (decide = other),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tokenOf(request: IncomingMessage, given: SlackArguments): unknown {
  return request.headers.authorization?.replace(/^Bearer /, '') ?? given['token'];
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}
