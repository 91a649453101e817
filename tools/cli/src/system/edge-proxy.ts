import { createProxyServer } from 'http-proxy-3';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { App } from './service-plan.js';

/** As the largest body that a service takes, with room for its refusal to be its own. */
const LARGEST_BODY_BYTES = 2 * 1024 ** 2 + 64 * 1024;
const RETRY_AFTER_SECONDS = 2;

export interface Target {
  readonly app: App;
  readonly port: number;
}

/** Which application answers a request, as an Ingress would decide. */
export function applicationFor(method: string, path: string): App {
  const [route = ''] = path.split('?');
  if (method === 'POST' && (route === '/api/v1/alerts' || route.startsWith('/api/v1/alerts/'))) return 'ingest';
  if (route.startsWith('/api/v1/webhooks/')) return 'ingest';
  return 'stream-gateway';
}

/** The one port a person opens: routes by path to the replicas, WebSocket and event streams included. */
export class EdgeProxy {
  readonly #proxy = createProxyServer({ xfwd: true, ws: true });
  readonly #server: Server;
  /** The server does not close upgraded connections. */
  readonly #upgraded = new Set<Socket>();
  #turn = 0;

  private constructor(private readonly targets: () => readonly Target[]) {
    this.#proxy.on('error', () => undefined);
    this.#proxy.on('proxyRes', (incoming, _request, response) => {
      // A replica that died in the middle: the client has to learn that this was not the end.
      incoming.once('error', () => response.destroy());
      incoming.once('close', () => !incoming.complete && response.destroy());
    });
    this.#server = createServer((request, response) => void this.#forward(request, response));
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      void this.#upgrade(request, socket, head);
    });
  }

  /** @param targets Replicas that can take a request right now. */
  static async listen(host: string, port: number, targets: () => readonly Target[]): Promise<EdgeProxy> {
    const edge = new EdgeProxy(targets);
    edge.#server.listen(port, host);
    await once(edge.#server, 'listening');
    return edge;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#upgraded) socket.destroy();
    await closed;
  }

  /** Replicas take turns; the others follow, for the case that the first one has just died. */
  #replicas(request: IncomingMessage): Target[] {
    const app = applicationFor(request.method ?? 'GET', request.url ?? '/');
    const replicas = this.targets().filter((target) => target.app === app);
    this.#turn += 1;
    const first = replicas.length === 0 ? 0 : this.#turn % replicas.length;
    return [...replicas.slice(first), ...replicas.slice(0, first)];
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await bodyOf(request);
      if (body === undefined) return answer(response, 413, 'request body is too large');
      this.#try(this.#replicas(request), request, response, body);
    } catch {
      response.destroy();
    }
  }

  #try([target, ...others]: Target[], request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    if (!target) return answer(response, 503, 'no replica is ready, try again shortly', RETRY_AFTER_SECONDS);
    const { headers } = request;
    request.headers = { ...headers };
    const options = { target: urlOf(target), buffer: Readable.from(body.length > 0 ? [body] : []) };
    this.#proxy.web(request, response, options, (error) => {
      request.headers = headers;
      if (isRefused(error)) return this.#try(others, request, response, body);
      if (response.headersSent) response.destroy();
      else answer(response, 502, 'the service ended before it answered, try again', RETRY_AFTER_SECONDS);
    });
  }

  async #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    // The proxy library gives the connection up when a replica refuses it, so each is asked first.
    for (const target of this.#replicas(request)) {
      if (!(await accepts(target))) continue;
      return void this.#proxy.ws(request, socket, head, { target: urlOf(target) }, () => socket.destroy());
    }
    socket.end(`HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${RETRY_AFTER_SECONDS}\r\nConnection: close\r\n\r\n`);
  }
}

const urlOf = ({ port }: Target): string => `http://127.0.0.1:${port}`;

async function accepts({ port }: Target): Promise<boolean> {
  const probe = connect(port, '127.0.0.1');
  try {
    await once(probe, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    probe.destroy();
  }
}

/** The replica never saw the request, so the next one may have it. */
function isRefused(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNREFUSED';
}

/** Undefined when the body is larger than any service takes. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > LARGEST_BODY_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function answer(response: ServerResponse, status: number, message: string, retryAfterSeconds?: number): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(JSON.stringify({ message }));
}
