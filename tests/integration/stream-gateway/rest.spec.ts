import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  alertAccepted,
  cancelSession,
  sessionDetailSchema,
  sessionListSchema,
  subjects,
  usageSummarySchema,
  type CancelSession,
  type CommandReply,
} from '@tarsy/contracts';
import { ConsumerHost, type RunningConsumer } from '@tarsy/messaging';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayFixture } from './fixture.js';

function builtDashboard(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tarsy-dashboard-'));
  mkdirSync(join(directory, '_app/immutable'), { recursive: true });
  writeFileSync(join(directory, 'index.html'), '<title>TARSy</title>');
  writeFileSync(join(directory, '_app/immutable/start.js'), 'start();');
  return directory;
}

const gateway = new GatewayFixture(builtDashboard());

const get = (path: string): Promise<Response> => fetch(`${gateway.url}${path}`);
const api = async (path: string): Promise<{ status: number; body: unknown }> => {
  const response = await get(`/api/v1${path}`);
  return { status: response.status, body: await response.json() };
};

const hasContent = (response: unknown): boolean =>
  typeof response === 'object' && response !== null && 'content' in response;

describe('usage', () => {
  it('is summed up for a window, and refuses one that is none', async () => {
    const window = 'start_date=2026-03-01T00:00:00Z&end_date=2026-04-01T00:00:00Z';
    const { status, body } = await api(`/usage/summary?${window}`);
    expect(status).toBe(200);
    expect(usageSummarySchema.parse(body)).toMatchObject({
      rank_by: 'cost',
      totals: { session_count: 0 },
      by_model: [],
    });
    expect(await api('/usage/summary?start_date=yesterday')).toMatchObject({ status: 400 });
    expect(await api(`/usage/summary?${window}&rank_by=size`)).toMatchObject({ status: 400 });
  });
});

describe('sessions', () => {
  it('can be read as soon as the alert was stored, as pending and without stages', async () => {
    const sessionId = randomUUID();
    await gateway.publisher.publish(alertAccepted, {
      sessionId,
      acceptedAt: '2026-03-04T05:06:07.000Z',
      source: 'api',
      data: 'disk is full',
      alertType: 'DiskFull',
      chainId: 'disk',
      severity: 'warning',
      title: 'Disk full',
      author: 'ann',
      fingerprints: [],
      labels: {},
    });
    const { status, body } = await api(`/sessions/${sessionId}`);
    expect(status).toBe(200);
    expect(sessionDetailSchema.parse(body)).toMatchObject({
      id: sessionId,
      status: 'pending',
      alert_data: 'disk is full',
      title: 'Disk full',
      severity: 'warning',
      author: 'ann',
      stages: [],
      planned_stages: [],
    });
    expect((await api(`/sessions/${sessionId}/status`)).body).toMatchObject({ id: sessionId, status: 'pending' });
    expect((await api(`/sessions/${sessionId}/summary`)).body).toMatchObject({ total_interactions: 0 });
    expect((await api(`/sessions/${sessionId}/timeline`)).body).toEqual([]);
    expect((await api(`/sessions/${sessionId}/trace`)).body).toEqual({ stages: [], session_interactions: [] });
  });

  it('are listed as the contract says', async () => {
    const sessionId = randomUUID();
    await gateway.storeSession(sessionId, 'in_progress');
    const { status, body } = await api('/sessions?status=in_progress&page_size=1');
    expect(status).toBe(200);
    expect(sessionListSchema.parse(body).pagination).toMatchObject({ page: 1, page_size: 1 });
    expect((await api('/sessions/active')).body).toMatchObject({ active: [{ id: sessionId }] });
    expect((await api('/sessions/filter-options')).body).toMatchObject({ alert_types: ['DiskFull'] });
  });

  it.each(['', '/status', '/summary', '/trace', `/trace/llm/${randomUUID()}`, `/trace/mcp/${randomUUID()}`])(
    'answer 404 at %s when there is no such session',
    async (path) => {
      for (const id of [randomUUID(), 'nonsense'])
        expect(await api(`/sessions/${id}${path}`)).toEqual({ status: 404, body: { message: 'resource not found' } });
    },
  );

  it('have no timeline when they are unknown', async () => {
    expect(await api('/sessions/nonsense/timeline')).toEqual({ status: 200, body: [] });
  });

  it('refuse a filter that means nothing, naming the field', async () => {
    const { status, body } = await api('/sessions?sort_by=id');
    expect(status).toBe(400);
    expect((body as { message: string }).message).toContain("validation error on field 'sort_by'");
  });
});

describe('cancelling a session', () => {
  let consumer: RunningConsumer | undefined;
  afterEach(() => consumer?.stop());

  async function cancelWith(reply: CommandReply | undefined): Promise<{ response: Response; seen: CancelSession[] }> {
    const seen: CancelSession[] = [];
    consumer = await new ConsumerHost(gateway.messaging).consume(
      cancelSession,
      { durable: 'chain-runner', filterSubjects: [subjects.command('cancel-session')] },
      async (command) => {
        seen.push(command);
        if (reply && command.replyTo) gateway.messaging.reply(command.replyTo, reply);
      },
    );
    const response = await fetch(`${gateway.url}/api/v1/sessions/${SESSION_ID}/cancel`, {
      method: 'POST',
      headers: { 'x-forwarded-user': 'ann' },
    });
    await consumer.stop();
    return { response, seen };
  }
  const SESSION_ID = randomUUID();

  it('answers 200 when chain-runner accepted it, and says who asked', async () => {
    const { response, seen } = await cancelWith({ kind: 'accepted' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ session_id: SESSION_ID, message: 'Session cancellation requested' });
    expect(seen).toMatchObject([{ sessionId: SESSION_ID, requestedBy: 'ann' }]);
  });

  it('answers 404 for an unknown session', async () => {
    expect((await cancelWith({ kind: 'not_found' })).response.status).toBe(404);
  });

  it('answers 409 with the reason when the session does not run', async () => {
    const { response } = await cancelWith({ kind: 'conflict', message: 'session is completed' });
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({ message: 'session is completed' });
  });

  it('answers 503 when nobody confirms within five seconds', async () => {
    const startedAt = Date.now();
    expect((await cancelWith(undefined)).response.status).toBe(503);
    expect(Date.now() - startedAt).toBeGreaterThan(4_500);
  });
});

describe('around the API', () => {
  it('offers alert types, default tools and no runbooks', async () => {
    expect((await api('/alert-types')).body).toMatchObject({ default_chain_id: 'disk' });
    expect((await api('/system/default-tools?alert_type=DiskFull')).body).toMatchObject({ mcp_servers: ['host'] });
    expect((await api('/runbooks')).body).toEqual([]);
  });

  it('is healthy with database and messaging, and counts viewers', async () => {
    const health = await get('/health');
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'healthy', checks: { database: { status: 'healthy' } } });
    expect(await (await get('/metrics')).text()).toContain('tarsy_ws_connections_active 0');
  });

  it('documents itself from the schemas it answers with', async () => {
    const document = (await (await get('/api/docs/json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
      components: { schemas: Record<string, { required: string[] }> };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths['/api/v1/sessions/{id}']?.['get']?.responses['200']).toMatchObject({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Session' } } },
    });
    expect(document.components.schemas['Session']?.required).toContain('alert_data');
    expect(JSON.stringify(document)).not.toContain('__shared');
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({ route: `${method} ${path}`, responses })),
    );
    const unsaid = routes.filter(
      ({ responses }) => !responses['204'] && !hasContent(responses['200']) && !hasContent(responses['202']),
    );
    expect(unsaid.map(({ route }) => route)).toEqual([]);
    const page = await get('/api/docs');
    expect(page.headers.get('content-type')).toContain('text/html');
  });

  it('sends the security headers with every answer', async () => {
    for (const path of ['/api/v1/sessions', '/api/v1/nonsense', '/', '/health']) {
      const { headers } = await get(path);
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('lets pages of known origins call it', async () => {
    const origin = 'https://tarsy.example.com';
    const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } };
    const { headers } = await fetch(`${gateway.url}/api/v1/sessions`, preflight);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    const stranger = await fetch(`${gateway.url}/api/v1/sessions`, { headers: { origin: 'https://evil.example.com' } });
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('serves the dashboard: its files for ever, its start page on every other path', async () => {
    const script = await get('/_app/immutable/start.js');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await script.text()).toBe('start();');
    for (const path of ['/', '/sessions/1', '/..%2f..%2fetc/passwd']) {
      const page = await get(path);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await page.text()).toBe('<title>TARSy</title>');
    }
    expect((await get('/_app/immutable/gone.js')).status).toBe(404);
  });

  it.each(['/api/v1/nonsense', '/api/v2/sessions', '/api'])('answers 404 in JSON at %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: 'resource not found' });
  });

  it('reads the database only', async () => {
    const { SessionsDatabase } = await import('../../../apps/stream-gateway/src/sessions/sessions-database.js');
    const service = await gateway.startReplica();
    const { source } = service.app.get(SessionsDatabase, { strict: false });
    await expect(source.query('DELETE FROM alert_sessions')).rejects.toThrow('read-only');
  });
});
