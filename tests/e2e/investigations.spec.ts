import { connect } from '@nats-io/transport-node';
import type { SessionDetail, TimelineEventView } from '@tarsy/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calling, KEY, startScriptedSystem, type ScriptedSystem } from './scripted-system.js';
import type { LiveEvent } from './system.js';

let scripted: ScriptedSystem;
beforeAll(async () => {
  scripted = await startScriptedSystem('e2e');
});
afterAll(async () => {
  await scripted.stop();
});

async function investigate(marker: string, alertType = 'test'): Promise<SessionDetail> {
  const { status, body } = await scripted.system.submit({
    data: `Something is wrong: ${marker}`,
    alert_type: alertType,
  });
  expect(status).toBe(202);
  return await scripted.system.finished(String(body['session_id']));
}

/** The recorder may be a moment behind the session's end. */
async function timeline(
  sessionId: string,
  fits: (events: TimelineEventView[]) => boolean,
): Promise<TimelineEventView[]> {
  return await scripted.system.eventually(
    () => scripted.system.get<TimelineEventView[]>(`/sessions/${sessionId}/timeline`),
    fits,
  );
}

describe('an investigation', () => {
  it('goes from an alert over HTTP through a real tool to a stored report', async () => {
    const marker = scripted.script((mark) => [
      { thinking: 'I will look.', text: 'Looking.', ...calling('echo', { message: `hello ${mark}` }) },
      { text: `The tool said hello. ${mark}` },
      { text: 'All is well.' },
    ]);
    const session = await investigate(marker);
    expect(session).toMatchObject({
      status: 'completed',
      final_analysis: `The tool said hello. ${marker}`,
      executive_summary: 'All is well.',
      stages: [
        {
          stage_name: 'investigate',
          status: 'completed',
          executions: [{ agent_name: 'Investigator', status: 'completed' }],
        },
        { stage_name: 'Executive Summary', status: 'completed' },
      ],
    });
    const [first, second] = scripted.model.requestsOf(marker);
    expect(first?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(second?.body.messages.at(-1)).toMatchObject({ role: 'tool' });
    expect(second?.body.messages.at(-1)?.content).toContain(`hello ${marker}`);
    const events = await timeline(session.id, (all) => all.some(({ event_type }) => event_type === 'final_analysis'));
    expect(events.map(({ event_type }) => event_type)).toEqual(
      expect.arrayContaining(['llm_thinking', 'llm_response', 'llm_tool_call', 'final_analysis']),
    );
    expect(events.find(({ event_type }) => event_type === 'llm_tool_call')).toMatchObject({
      status: 'completed',
      metadata: { server_name: 'everything', tool_name: 'echo', is_error: false },
    });
    const trace = await scripted.system.get<{
      stages: { executions: { llm_interactions: unknown[]; mcp_interactions: unknown[] }[] }[];
    }>(`/sessions/${session.id}/trace`);
    expect(trace.stages[0]?.executions[0]?.llm_interactions).toHaveLength(2);
  });

  it('hands what one stage found to the next', async () => {
    const marker = scripted.script((mark) => [
      { text: `Gathered: the disk is full. ${mark}` },
      { text: `Concluded: clean the disk. ${mark}` },
      { text: 'Clean it.' },
    ]);
    const session = await investigate(marker, 'two-stages');
    expect(session).toMatchObject({ status: 'completed', final_analysis: `Concluded: clean the disk. ${marker}` });
    const prompt = scripted.model
      .requestsOf(marker)[1]
      ?.body.messages.map(({ content }) => content)
      .join('\n');
    expect(prompt).toContain('Gathered: the disk is full.');
  });

  it('gives the failure of a tool to the model and goes on', async () => {
    const marker = scripted.script((mark) => [
      calling('get-sum', { a: 'no number', b: 2 }),
      { text: `The tool failed. ${mark}` },
      { text: 'Failed tool.' },
    ]);
    const session = await investigate(marker);
    expect(session.status).toBe('completed');
    const events = await timeline(session.id, (all) =>
      all.some(({ event_type, status }) => event_type === 'llm_tool_call' && status === 'completed'),
    );
    expect(events.find(({ event_type }) => event_type === 'llm_tool_call')?.metadata).toMatchObject({ is_error: true });
  });

  it('tells the model which tools there are when it names one that is not', async () => {
    const marker = scripted.script((mark) => [
      calling('no-such-tool', {}),
      { text: `No such tool. ${mark}` },
      { text: 'None.' },
    ]);
    const session = await investigate(marker);
    expect(session.status).toBe('completed');
    expect(scripted.model.requestsOf(marker)[1]?.body.messages.at(-1)?.content).toContain('echo');
  });

  it('is made to conclude at the iteration limit, without tools', async () => {
    const marker = scripted.script((mark) => [
      calling('echo', { message: '1' }),
      calling('echo', { message: '2' }),
      { text: `As far as I got. ${mark}` },
      { text: 'Unfinished.' },
    ]);
    const session = await investigate(marker, 'short');
    expect(session).toMatchObject({ status: 'completed', final_analysis: `As far as I got. ${marker}` });
    expect(scripted.model.requestsOf(marker)[2]?.body.tools ?? []).toEqual([]);
    const events = await timeline(session.id, (all) => all.some(({ event_type }) => event_type === 'final_analysis'));
    expect(
      events.find(({ event_type, content }) => event_type === 'final_analysis' && content?.includes(marker))?.metadata,
    ).toMatchObject({
      forced_conclusion: true,
      max_iterations: 2,
    });
  });

  it('is cancelled in the middle of an answer, and the call to the model is closed', async () => {
    const open = Promise.withResolvers<void>();
    const marker = scripted.script(() => [
      { text: 'This will take a while ...', pieces: 4, gate: { afterChunks: 2, until: open.promise } },
    ]);
    const { body } = await scripted.system.submit({ data: marker });
    const sessionId = String(body['session_id']);
    const request = await scripted.model.request(marker, 1);
    await scripted.system.watch(sessionId, ({ data }: LiveEvent) => data.type === 'stream.chunk');
    const url = `${scripted.system.url('stream-gateway')}/api/v1/sessions/${sessionId}/cancel`;
    const answer = await fetch(url, { method: 'POST' });
    expect(answer.status).toBe(200);
    const session = await scripted.system.finished(sessionId);
    await request.closed;
    expect(request.isAborted).toBe(true);
    expect(session).toMatchObject({
      status: 'cancelled',
      stages: [{ status: 'cancelled', executions: [{ status: 'cancelled' }] }],
    });
    expect((await fetch(url, { method: 'POST' })).status).toBe(409);
    open.resolve();
  });

  it('can be read as soon as its 202 was sent', async () => {
    const marker = scripted.script((mark) => [{ text: `Done. ${mark}` }, { text: 'Done.' }]);
    const { body } = await scripted.system.submit({ data: marker });
    expect(await scripted.system.get(`/sessions/${String(body['session_id'])}`)).toMatchObject({
      id: body['session_id'],
    });
    await scripted.system.finished(String(body['session_id']));
  });
});

describe('alerts', () => {
  it('come over NATS as well', async () => {
    const marker = scripted.script((mark) => [{ text: `From NATS. ${mark}` }, { text: 'NATS.' }]);
    const nats = await natsConnection();
    await nats.request(
      `${scripted.system.namespace}.alerts.raw.json`,
      JSON.stringify({ data: `over NATS: ${marker}` }),
    );
    await nats.close();
    const request = await scripted.model.request(marker, 1);
    expect(request.body.messages.map(({ content }) => content).join('\n')).toContain(`over NATS: ${marker}`);
  });

  it('that are none go to the dead letters, where they can be seen', async () => {
    const nats = await natsConnection();
    await nats.request(`${scripted.system.namespace}.alerts.raw.json`, 'this is no JSON {');
    await nats.close();
    const letters = await scripted.system.eventually(
      () => scripted.system.get<{ dead_letters: { stream: string }[] }>('/system/dead-letters'),
      ({ dead_letters }) => dead_letters.length > 0,
    );
    expect(letters.dead_letters[0]).toMatchObject({ stream: 'ALERTS_RAW' });
  });

  it('of one Alertmanager group make one session, however often they come, and their end is recorded on it', async () => {
    const marker = scripted.script((mark) => [{ text: `Group looked at. ${mark}` }, { text: 'Group.' }]);
    const first = await alertmanager(group(marker, 'firing'));
    const repeated = await alertmanager(group(marker, 'firing'));
    expect(first.status).toBe(202);
    expect(repeated.body['session_id']).toBe(first.body['session_id']);
    const sessionId = String(first.body['session_id']);
    expect(await scripted.system.finished(sessionId)).toMatchObject({ status: 'completed' });
    expect((await alertmanager(group(marker, 'resolved'))).status).toBe(202);
    const database = new pg.Client({ connectionString: scripted.system.databaseUrl });
    await database.connect();
    const resolutions = await scripted.system.eventually(
      async () =>
        (
          await database.query<{ resolutions: unknown[] }>('SELECT resolutions FROM alert_sessions WHERE id = $1', [
            sessionId,
          ])
        ).rows[0]?.resolutions ?? [],
      (stored) => stored.length > 0,
    );
    await database.end();
    expect(resolutions).toMatchObject([{ resolvedAt: '2026-10-01T09:00:00.000Z' }]);
  });

  it.each([
    ['no data', { alert_type: 'test' }, 400, 'data field is required'],
    ['a type that no chain handles', { data: 'x', alert_type: 'nonsense' }, 400, 'nonsense'],
    ['an unknown tool server', { data: 'x', mcp: { servers: [{ name: 'nowhere' }] } }, 400, 'nowhere'],
    ['a runbook elsewhere', { data: 'x', runbook: 'https://evil.example/book.md' }, 400, 'runbook'],
    ['too much data', { data: 'x'.repeat(1_048_577) }, 413, ''],
  ])('with %s are refused with a clear message', async (_what, body, status, message) => {
    const answer = await scripted.system.submit(body);
    expect(answer.status).toBe(status);
    expect(String(answer.body['message'])).toContain(message);
  });

  it('that are no JSON are refused without a stack trace', async () => {
    const response = await fetch(`${scripted.system.url('ingest')}/api/v1/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"data": ',
    });
    expect(response.status).toBe(400);
    expect(Object.keys((await response.json()) as object)).toEqual(['message']);
  });
});

describe('secrets', () => {
  it('in an alert and in a tool result reach neither the model nor the database', async () => {
    const secret = 'hunter2-hunter2';
    const marker = scripted.script((mark) => [
      calling('echo', { message: `password: ${secret}` }),
      { text: `Masked. ${mark}` },
      { text: 'Masked.' },
    ]);
    const { body } = await scripted.system.submit({ data: `${marker} password=${secret}` });
    await scripted.system.finished(String(body['session_id']));
    const [first, second] = scripted.model.requestsOf(marker);
    expect(JSON.stringify(first?.body.messages)).not.toContain(secret);
    expect(second?.body.messages.at(-1)?.content).toContain('[MASKED_PASSWORD]');
    expect(second?.body.messages.at(-1)?.content).not.toContain(secret);
  });
});

describe('a session', () => {
  it('whose time is up ends as timed out, and keeps nothing active', async () => {
    const short = await startScriptedSystem('timeout', '{ session_timeout: 2s }');
    try {
      const never = Promise.withResolvers<void>();
      const marker = short.script(() => [{ text: 'Thinking ...', beforeAnswer: never.promise }]);
      const { body } = await short.system.submit({ data: marker });
      const session = await short.system.finished(String(body['session_id']));
      expect(session).toMatchObject({
        status: 'timed_out',
        stages: [{ status: 'timed_out', executions: [{ status: 'timed_out' }] }],
      });
      never.resolve();
    } finally {
      await short.stop();
    }
  });
});

async function natsConnection(): ReturnType<typeof connect> {
  const { host, username, password } = new URL(scripted.system.servers.natsUrlOf('producer'));
  return await connect({ servers: host, user: username, pass: password });
}

function group(marker: string, status: 'firing' | 'resolved'): unknown {
  return {
    version: '4',
    groupKey: `{}:{alertname="${marker}"}`,
    truncatedAlerts: 0,
    status,
    receiver: 'tarsy',
    groupLabels: { alertname: marker },
    commonLabels: { alertname: marker, severity: 'critical' },
    commonAnnotations: { summary: `Group ${marker}` },
    externalURL: 'http://alertmanager',
    alerts: [
      {
        status,
        labels: { alertname: marker, severity: 'critical' },
        annotations: {},
        startsAt: '2026-10-01T08:00:00Z',
        endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-10-01T09:00:00Z',
        generatorURL: 'http://prometheus',
        fingerprint: 'e46aaa9fcf75dd34',
      },
    ],
  };
}

async function alertmanager(body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${scripted.system.url('ingest')}/api/v1/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
