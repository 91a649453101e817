import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { IngestFixture, metric, post, type Answer } from './fixture.js';

const ingest = new IngestFixture();
let url: string;
let alerts: string;

beforeAll(async () => {
  url = await ingest.start();
  alerts = `${url}/api/v1/alerts`;
});

const sessionOf = ({ body }: Answer): string => String(body['session_id']);

describe('POST /api/v1/alerts', () => {
  it('answers 202 when the alert is in its stream, masked and with all that was given', async () => {
    const answer = await post(
      alerts,
      {
        data: 'disk of db-1 is full\ntoken: abcdefghij0123456789abcdef',
        alert_type: 'DiskFull',
        runbook: 'https://github.com/acme/runbooks/blob/main/disk.md',
        mcp: { servers: [{ name: 'host', tools: ['disk_usage'] }], native_tools: { google_search: false } },
        slack_message_fingerprint: 'disk of db-1',
        severity: 'P1',
        budget: { max_tokens: 5_000, max_tool_calls: 20, max_cost_usd: 0.5, max_wall_time: '10m' },
      },
      { 'x-forwarded-user': 'ann' },
    );
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      status: 'queued',
      message: 'Alert submitted for processing',
    });
    const stored = (await ingest.accepted()).find(({ sessionId }) => sessionId === sessionOf(answer));
    expect(stored).toMatchObject({
      source: 'api',
      data: 'disk of db-1 is full\n"token": "[MASKED_TOKEN]"',
      alertType: 'DiskFull',
      chainId: 'disk',
      severity: 'critical',
      title: 'disk of db-1 is full',
      author: 'ann',
      runbookUrl: 'https://github.com/acme/runbooks/blob/main/disk.md',
      mcpSelection: { servers: [{ name: 'host', tools: ['disk_usage'] }], native_tools: { google_search: false } },
      slackMessageFingerprint: 'disk of db-1',
      budget: { maxTokens: 5_000, maxToolCalls: 20, maxCostUsd: 0.5, maxWallTimeMs: 600_000 },
    });
  });

  it.each([{ max_tokens: 0 }, { max_wall_time: 'soon' }, { max_cost_usd: '1' }])(
    'refuses a budget like %j',
    async (budget) => {
      const answer = await post(alerts, { data: 'disk is full', budget });
      expect(answer.status).toBe(400);
      expect(answer.body['message']).toContain(`budget.${Object.keys(budget)[0]}`);
    },
  );

  it('takes an alert of 1 MiB, which travels by reference', async () => {
    const data = 'é'.repeat(512 * 1024);
    const answer = await post(alerts, { data });
    expect(answer.status).toBe(202);
    const stored = (await ingest.accepted()).find(({ sessionId }) => sessionId === sessionOf(answer));
    expect(stored?.data).toBe(data);
  });

  const TOO_LONG = 'x'.repeat(5_000);
  it.each<[name: string, body: unknown, status: number, message: string | RegExp]>([
    ['no data', { alert_type: 'DiskFull' }, 400, 'data field is required'],
    ['empty data', { data: '' }, 400, 'data field is required'],
    ['data that is no text', { data: { a: 1 } }, 400, /^validation error on field 'data': /],
    ['a list', [], 400, 'request body must be a JSON object'],
    ['a text', '"x"', 400, 'request body must be a JSON object'],
    ['nothing', '', 400, /./],
    ['null', 'null', 400, 'request body must be a JSON object'],
    ['malformed JSON', '{"data": "x"', 400, /JSON/],
    ['a poisoned prototype', '{"data":"x","__proto__":{"a":1}}', 400, /./],
    ['an unknown type', { data: 'x', alert_type: 'nonsense' }, 400, /^validation error on field 'alert_type': no chain handles "nonsense"; known: .*DiskFull/],
    ['a type that is too long', { data: 'x', alert_type: TOO_LONG }, 400, /^validation error on field 'alert_type': /],
    ['an unknown server', { data: 'x', mcp: { servers: [{ name: 'nowhere' }] } }, 400, `validation error on field 'mcp': MCP server "nowhere" is not configured`],
    ['a server name of the prototype', { data: 'x', mcp: { servers: [{ name: 'constructor' }] } }, 400, /not configured/],
    ['a selection that is no object', { data: 'x', mcp: 'host' }, 400, /^validation error on field 'mcp': /],
    ['a selection without end', { data: 'x', mcp: { servers: Array.from({ length: 20_000 }, () => ({ name: 'host' })) } }, 400, /^validation error on field 'mcp/],
    ['a runbook that is no URL', { data: 'x', runbook: 'disk' }, 400, `validation error on field 'runbook': must be an http or https URL`],
    ['a runbook of another scheme', { data: 'x', runbook: 'file:///etc/passwd' }, 400, /runbook/],
    ['a runbook elsewhere', { data: 'x', runbook: 'https://evil.example.com/x' }, 400, /host "evil.example.com" is not allowed/],
    ['a runbook that is too long', { data: 'x', runbook: `https://github.com/${TOO_LONG}` }, 400, /^validation error on field 'runbook': /],
    ['a Slack text that is too long', { data: 'x', slack_message_fingerprint: TOO_LONG }, 400, /^validation error on field 'slack_message_fingerprint': /],
    ['data over 1 MiB', { data: 'x'.repeat(1024 ** 2 + 1) }, 413, 'alert data exceeds the limit of 1048576 bytes'],
    ['a body over 2 MiB', { data: 'x'.repeat(2 * 1024 ** 2) }, 413, /./],
  ])('refuses %s', async (_name, body, status, message) => {
    const storedBefore = await ingest.storedAlerts();
    const refusedBefore = await metric(url, 'tarsy_alerts_received_total{source="api",outcome="refused"}');
    const answer = await post(alerts, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ message: expect.any(String) as string });
    expect(answer.body['message']).toMatch(message);
    expect(String(answer.body['message']).length).toBeLessThan(1_000);
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\bat .*\(/);
    expect(await metric(url, 'tarsy_alerts_received_total{source="api",outcome="refused"}')).toBe(refusedBefore + 1);
    expect(await ingest.storedAlerts()).toBe(storedBefore);
  }); // prettier-ignore

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data; boundary=x'])(
    'answers 415 to %s',
    async (contentType) => {
      const answer = await post(alerts, { data: 'x' }, { 'content-type': contentType });
      expect(answer.status).toBe(415);
      expect(answer.body).toEqual({ message: 'content type must be application/json' });
    },
  );

  it('takes any JSON content type', async () => {
    const answer = await post(alerts, { data: 'x' }, { 'content-type': 'application/json; charset=UTF-8' });
    expect(answer.status).toBe(202);
  });

  it('answers 404 to what is not there', async () => {
    expect((await post(`${url}/api/v1/nothing`, {})).status).toBe(404);
    expect((await fetch(alerts)).status).toBe(404);
  });

  it('gives a repeated request with the same idempotency key the same session, each author its own', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const before = await ingest.storedAlerts();
    const first = await post(alerts, { data: 'x' }, key);
    const second = await post(alerts, { data: 'x' }, key);
    const other = await post(alerts, { data: 'x' }, { ...key, 'x-forwarded-user': 'bob' });
    expect(sessionOf(second)).toBe(sessionOf(first));
    expect(sessionOf(other)).not.toBe(sessionOf(first));
    expect(await ingest.storedAlerts()).toBe(before + 2);
  });

  it('bounds what comes in headers', async () => {
    const answer = await post(alerts, { data: 'x' }, { 'x-forwarded-user': 'u'.repeat(8_000) });
    const stored = (await ingest.accepted()).find(({ sessionId }) => sessionId === sessionOf(answer));
    expect(stored?.author?.length).toBeLessThanOrEqual(255);
  });
});

describe('a configured token', () => {
  let guarded: string;
  beforeAll(async () => {
    guarded = await ingest.start({ INGEST_TOKEN: 'correct-token' });
  });

  it.each<[string, Record<string, string>]>([
    ['no token', {}],
    ['a wrong one', { authorization: 'Bearer wrong-token' }],
    ['another scheme', { authorization: 'Basic correct-token' }],
    ['a part of it', { authorization: 'Bearer correct' }],
  ])('answers 401 to %s, before it reads the body', async (_name, headers) => {
    const before = await metric(guarded, 'tarsy_alerts_received_total{source="api",outcome="unauthorized"}');
    const answer = await post(`${guarded}/api/v1/alerts`, '{ not even JSON', headers);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ message: 'missing or unknown bearer token' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await metric(guarded, 'tarsy_alerts_received_total{source="api",outcome="unauthorized"}')).toBe(before + 1);
  });

  it('lets the right one in, and everybody to health and metrics', async () => {
    const answer = await post(`${guarded}/api/v1/alerts`, { data: 'x' }, { authorization: 'Bearer correct-token' });
    expect(answer.status).toBe(202);
    expect((await fetch(`${guarded}/health`)).status).toBe(200);
    expect((await fetch(`${guarded}/metrics`)).status).toBe(200);
  });

  it.each(['/%61pi/v1/alerts', '/api/v1/%61lerts', 'http://tarsy/api/v1/alerts'])(
    'is asked for however the address is written: %s',
    async (path) => {
      expect(await statusOf(guarded, path)).not.toBe(202);
    },
  );
});

describe('overload', () => {
  it('is 503 with Retry-After, and over when the requests are', async () => {
    const busy = await ingest.start({ INGEST_MAX_IN_FLIGHT: '1' });
    const slow = request(`${busy}/api/v1/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '12', expect: '100-continue' },
    });
    const taken = new Promise((resolve) => slow.once('continue', resolve));
    slow.flushHeaders();
    await taken;
    slow.write('{"data":');
    await expect.poll(async () => (await post(`${busy}/api/v1/alerts`, { data: 'x' })).status).toBe(503);
    const answer = await post(`${busy}/api/v1/alerts`, { data: 'x' });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.body).toEqual({ message: 'too many alerts at once, try again later' });
    expect(await metric(busy, 'tarsy_alerts_received_total{source="api",outcome="failed"}')).toBeGreaterThan(0);
    const finished = new Promise<number | undefined>((resolve) =>
      slow.once('response', (response) => resolve(response.resume().statusCode)),
    );
    slow.end('"x"}');
    expect(await finished).toBe(202);
    await expect.poll(async () => (await post(`${busy}/api/v1/alerts`, { data: 'x' })).status).toBe(202);
  });
});

/** As `fetch` would not send it. */
async function statusOf(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    request({ hostname, port, path, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) =>
      resolve(response.resume().statusCode),
    )
      .once('error', reject)
      .end('{"data":"x"}');
  });
}
