import { sessionLifecycle } from '@tarsy/contracts';
import { MessagePublisher } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../tools/cli/src/servers/ports.js';
import { eventually, TOOL_SERVER, useBrokers, type ServerSettings } from './fixture.js';

const fixture = useBrokers();
/** In front of the tool server, and the one who hears that executions have ended. */
let front: Server;
let seen: IncomingMessage[];
let cleanupStatus: number;

beforeEach(async () => {
  seen = [];
  cleanupStatus = 204;
  const port = await freePort();
  const tools = fixture.spawnProgram(TOOL_SERVER, [], { HTTP_PORT: String(port), RUNS_FOLDER: fixture.folder });
  await once(tools, 'message');
  front = createServer((incoming, answer) => {
    seen.push(incoming);
    if (incoming.url?.startsWith('/sessions/')) return answer.writeHead(cleanupStatus).end();
    const { method, headers, url: path } = incoming;
    const forwarded = send({ port, method, headers, path }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
});
afterEach(() => {
  front.closeAllConnections();
  front.close();
});

const server = (changes: object = {}): Record<string, ServerSettings> => {
  const address = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const session_cleanup_url = `${address}/sessions/{{.SESSION_ID}}`;
  const custom_headers = { 'X-Session-ID': '{{.SESSION_ID}}', 'X-Team': 'sre' };
  const transport = {
    type: 'http',
    url: `${address}/mcp`,
    bearer_token: 'secret',
    custom_headers,
    session_cleanup_url,
  };
  return { tools: { transport: { ...transport, ...changes } } };
};

const call = async (executionId: string): Promise<void> => {
  const changes = { executionId, callId: randomUUID() };
  expect(await fixture.call('tools', 'pid', {}, changes)).toMatchObject({ outcome: 'ok' });
};

async function end(executionId: string, revision = 1): Promise<void> {
  await new MessagePublisher(fixture.messaging).publish(sessionLifecycle, {
    type: 'execution-status-changed',
    sessionId: randomUUID(),
    stageId: randomUUID(),
    executionId,
    revision,
    at: new Date().toISOString(),
    agentName: 'A',
    agentIndex: 1,
    status: 'completed',
  });
}

const cleanups = (): (string | undefined)[] => seen.filter(({ method, url }) => method === 'DELETE' && url!.startsWith('/sessions/')).map(({ url }) => url?.slice('/sessions/'.length)); // prettier-ignore

describe('a server that tells executions apart', () => {
  it('is used by each on a connection of its own, with its id in the headers', async () => {
    await fixture.startBroker(server());
    const [one, other] = [randomUUID(), randomUUID()];
    await Promise.all([call(one), call(other)]);
    await call(one);
    const protocolSessions = new Map<unknown, Set<unknown>>();
    for (const { headers, method } of seen.filter(({ url }) => url === '/mcp')) {
      expect([headers['x-team'], headers.authorization]).toEqual(['sre', 'Bearer secret']);
      const id = headers['mcp-session-id'];
      if (id === undefined || method !== 'POST') continue;
      const known = protocolSessions.get(headers['x-session-id']) ?? new Set();
      protocolSessions.set(headers['x-session-id'], known.add(id));
    }
    // The third is nobody's: the list of tools.
    expect([...protocolSessions.keys()].sort()).toEqual([one, other, undefined].sort());
    expect([...protocolSessions.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(new Set([...protocolSessions.values()].flatMap((ids) => [...ids])).size).toBe(3);
  });
});

describe('a server that is to hear of the end', () => {
  it('hears of it once, also from a broker that ran none of the calls', async () => {
    const first = await fixture.startBroker(server());
    const [one, other] = [randomUUID(), randomUUID()];
    await Promise.all([call(one), call(other)]);
    await first.stop();
    await fixture.startBroker(server());
    await end(one);
    await eventually(() => cleanups().length > 0);
    await end(one, 2);
    await end(other);
    await eventually(() => cleanups().length > 1);
    expect(cleanups()).toEqual([one, other]);
    expect(seen.find(({ method, url }) => method === 'DELETE' && url!.includes(one))!.headers).toMatchObject({
      authorization: 'Bearer secret',
      'x-session-id': one,
    });
  });

  it('hears nothing of executions that did not use it, nor twice where it fails', async () => {
    await fixture.startBroker(server({ custom_headers: {} }));
    const [user, stranger, last] = [randomUUID(), randomUUID(), randomUUID()];
    await call(user);
    await call(last);
    cleanupStatus = 500;
    await end(stranger);
    await end(user);
    await end(user, 2);
    await eventually(() => cleanups().length > 0);
    await end(last);
    await eventually(() => cleanups().includes(last));
    expect(cleanups()).toEqual([user, last]);
  });

  it('gets no credentials of another host', async () => {
    const elsewhere: IncomingMessage[] = [];
    const other = createServer((incoming, answer) => {
      elsewhere.push(incoming);
      answer.end();
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const session_cleanup_url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/{{.SESSION_ID}}`;
    await fixture.startBroker(server({ session_cleanup_url }));
    const executionId = randomUUID();
    await call(executionId);
    await end(executionId);
    const told = await eventually(() => elsewhere[0]);
    expect([told.method, told.url]).toEqual(['DELETE', `/${executionId}`]);
    expect(told.headers.authorization ?? told.headers['x-session-id']).toBeUndefined();
    other.close();
  });
});
