import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { freePort } from '../servers/ports.js';
import { applicationFor, EdgeProxy } from './edge-proxy.js';

describe(applicationFor.name, () => {
  it.each([
    ['POST', '/api/v1/alerts', 'ingest'],
    ['POST', '/api/v1/alerts?dry_run=1', 'ingest'],
    ['POST', '/api/v1/webhooks/alertmanager', 'ingest'],
    ['GET', '/api/v1/alerts', 'stream-gateway'],
    ['GET', '/api/v1/alert-types', 'stream-gateway'],
    ['POST', '/api/v1/sessions/1/cancel', 'stream-gateway'],
    ['POST', '/api/v1/alertsx', 'stream-gateway'],
    ['GET', '/', 'stream-gateway'],
  ])('sends %s %s to %s', (method, path, app) => expect(applicationFor(method, path)).toBe(app));
});

describe(EdgeProxy.name, () => {
  const servers: Server[] = [];
  const edges: EdgeProxy[] = [];

  afterEach(async () => {
    for (const edge of edges.splice(0)) await edge.close();
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function replica(answer: RequestListener): Promise<number> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  }

  async function edgeBefore(...targets: { app: 'ingest' | 'stream-gateway'; port: number }[]): Promise<string> {
    const port = await freePort();
    edges.push(await EdgeProxy.listen('127.0.0.1', port, () => targets));
    return `http://127.0.0.1:${port}`;
  }

  it('lets replicas take turns', async () => {
    const ports = await Promise.all(['a', 'b'].map((name) => replica((_request, response) => response.end(name))));
    const url = await edgeBefore(...ports.map((port) => ({ app: 'stream-gateway' as const, port })));
    const seen = new Set<string>();
    for (let count = 0; count < 4; count++) seen.add(await (await fetch(url)).text());
    expect([...seen].sort()).toEqual(['a', 'b']);
  });

  it('gives a whole request to the next replica when one refuses the connection', async () => {
    const alive = await replica((request, response) => void request.pipe(response));
    const dead = await freePort();
    const url = await edgeBefore({ app: 'ingest', port: dead }, { app: 'ingest', port: alive });
    for (let count = 0; count < 4; count++) {
      const answer = await fetch(`${url}/api/v1/alerts`, { method: 'POST', body: 'disk is full' });
      expect([answer.status, await answer.text()]).toEqual([200, 'disk is full']);
    }
  });

  it('answers 503 with the time to come back when there is no replica', async () => {
    const answer = await fetch(await edgeBefore());
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await answer.json()).toEqual({ message: expect.any(String) as string });
  });

  it('passes pieces of an event stream on as they come', async () => {
    const port = await replica((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const answer = await fetch(await edgeBefore({ app: 'stream-gateway', port }));
    const reader = answer.body!.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe('data: 1\n\n');
    await reader.cancel();
  });

  it('ends the response when the replica dies in the middle of it', async () => {
    let die: () => void = () => undefined;
    const port = await replica((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      die = () => request.socket.resetAndDestroy();
    });
    const answer = await fetch(await edgeBefore({ app: 'stream-gateway', port }));
    const reader = answer.body!.getReader();
    await reader.read();
    die();
    await expect(reader.read()).rejects.toThrow();
  });

  async function socketReplica(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    new WebSocketServer({ server }).on('connection', (socket, { headers }) =>
      socket.send(String(headers['x-forwarded-for'])),
    );
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  }

  it('gives a WebSocket to the next replica when one refuses the connection', async () => {
    const [dead, alive] = [await freePort(), await socketReplica()];
    const url = await edgeBefore({ app: 'stream-gateway', port: dead }, { app: 'stream-gateway', port: alive });
    for (let count = 0; count < 4; count++) {
      const socket = new WebSocket(url.replace('http', 'ws'));
      const [message] = (await once(socket, 'message')) as [Buffer];
      expect(message.toString()).toBe('127.0.0.1');
      socket.terminate();
    }
  });

  it('refuses a WebSocket when every replica does', async () => {
    const url = await edgeBefore({ app: 'stream-gateway', port: await freePort() });
    const socket = new WebSocket(url.replace('http', 'ws'));
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toMatch(/503/);
  });

  it('closes while a WebSocket is open', async () => {
    const url = await edgeBefore({ app: 'stream-gateway', port: await socketReplica() });
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'message');
    const closed = once(socket, 'close');
    await edges.pop()!.close();
    await closed;
  });
});
