import { startTraceCollector, type CollectedSpan, type TraceCollector } from '@tarsy/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calling, KEY, startScriptedSystem, type ScriptedSystem } from './scripted-system.js';

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const TRACEPARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
const WORDS_OF_THE_ALERT = 'turbine-overheated-in-hall-seven';
const WORDS_OF_THE_CALL = 'argument-of-the-tool';
const WORDS_OF_THE_MODEL = 'conclusion-of-the-model';

let scripted: ScriptedSystem;
let collector: TraceCollector;
beforeAll(async () => {
  collector = await startTraceCollector();
  scripted = await startScriptedSystem(
    'traces',
    undefined,
    { 'chain-runner': 2, 'agent-worker': 2 },
    { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_RESOURCE_ATTRIBUTES: 'site=test' }, // prettier-ignore
  );
});
afterAll(async () => {
  await scripted.stop();
  await collector.close();
});

const traceIdOf = (sessionId: string): string => sessionId.replaceAll('-', '');
const sessionIdOf = (traceId: string): string => traceId.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const spansOf = (sessionId: string): CollectedSpan[] =>
  collector.spans.filter(({ traceId }) => traceId === traceIdOf(sessionId));
const serviceOf = ({ resource }: CollectedSpan): unknown => resource['service.name'];
const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan[] =>
  spans.filter((span) => span.name === name);

/** Every span of a session once its root has come and nothing that is named as a parent is missing. */
async function wholeTrace(sessionId: string): Promise<CollectedSpan[]> {
  return await scripted.system.eventually(
    () => Promise.resolve(spansOf(sessionId)),
    (spans) => named(spans, 'session').length > 0 && orphansOf(spans).length === 0,
  );
}

function orphansOf(spans: readonly CollectedSpan[]): CollectedSpan[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId));
}

/** Names from the root to the span. */
function pathOf(span: CollectedSpan, spans: readonly CollectedSpan[]): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [...(parent === undefined ? [] : pathOf(parent, spans)), span.name];
}

async function submit(marker: string, headers: Record<string, string> = {}): Promise<string> {
  const alert = { data: `${WORDS_OF_THE_ALERT} ${marker}`, alert_type: 'test' };
  const { status, body } = await scripted.system.submit(alert, headers);
  expect(status).toBe(202);
  return String(body['session_id']);
}

describe('the trace of an investigation', () => {
  it('is one, over all services, without a missing parent and without a span twice', async () => {
    const marker = scripted.script((mark) => [
      { text: 'Looking.', ...calling('echo', { message: WORDS_OF_THE_CALL }) },
      { text: `${WORDS_OF_THE_MODEL} ${mark}`, usage: { inputTokens: 120, outputTokens: 30 } },
      { text: 'All is well.' },
    ]);
    const sessionId = await submit(marker, { traceparent: TRACEPARENT });
    await scripted.system.finished(sessionId);
    const spans = await wholeTrace(sessionId);

    const roots = spans.filter(({ parentSpanId }) => parentSpanId === '');
    expect(roots.map(({ name }) => name)).toEqual(['session']);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    expect(new Set(spans.map(serviceOf))).toEqual(
      new Set(['tarsy-ingest', 'tarsy-chain-runner', 'tarsy-agent-worker', 'tarsy-mcp-broker']),
    );
    for (const { resource } of spans) expect(resource).toMatchObject({ site: 'test', 'service.version': '0.1.0' });
    expect(spans.filter(({ isError }) => isError)).toEqual([]);
    const [root] = roots;
    expect(root?.attributes).toMatchObject({
      'tarsy.session.id': sessionId,
      'tarsy.alert.type': 'test',
      'tarsy.chain.id': 'one',
      'tarsy.status': 'completed',
    });

    const [request] = named(spans, 'POST /api/v1/alerts');
    expect(request).toMatchObject({
      kind: 'server',
      links: [CALLER],
      attributes: { 'http.response.status_code': 202 },
    });
    expect(pathOf(named(spans, 'process alertAccepted')[0]!, spans)).toEqual([
      'session',
      'POST /api/v1/alerts',
      'send alertAccepted',
      'process alertAccepted',
    ]);

    const agent = ['session', 'stage investigate', 'invoke_agent Investigator'];
    const calls = named(spans, 'chat scripted-model').filter(({ attributes }) => attributes['tarsy.turn'] === 2);
    expect(calls.map((call) => pathOf(call, spans))).toEqual([[...agent, 'chat scripted-model']]);
    expect(calls[0]).toMatchObject({
      kind: 'client',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'scripted-model',
        'gen_ai.usage.input_tokens': 120,
        'gen_ai.usage.output_tokens': 30,
        'tarsy.session.id': sessionId,
      },
    });
    expect(named(spans, 'chat scripted-model')).toHaveLength(3);

    expect(pathOf(named(spans, 'tools/call echo')[0]!, spans)).toEqual([
      ...agent,
      'execute_tool echo',
      'send toolCallRequested',
      'process toolCallRequested',
      'tools/call echo',
    ]);
    expect(named(spans, 'tools/call echo')[0]?.attributes).toMatchObject({
      'tarsy.tool.server': 'everything',
      'tarsy.tool.outcome': 'ok',
    });

    for (const span of spans) expect(span.endedAtMs).toBeGreaterThanOrEqual(span.startedAtMs);
  });

  it('never holds what was asked, called or answered, nor a key', () => {
    const received = collector.received();
    expect(received).toContain('invoke_agent Investigator');
    for (const secret of [WORDS_OF_THE_ALERT, WORDS_OF_THE_CALL, WORDS_OF_THE_MODEL, KEY])
      expect(received).not.toContain(secret);
  });

  it('shows what failed, by code and without the text', async () => {
    const marker = scripted.script((mark) => [
      { ...calling('get-sum', { a: 'not', b: 'numbers' }) },
      { text: `It failed. ${mark}` },
      { text: 'Short.' },
    ]);
    const sessionId = await submit(marker);
    await scripted.system.finished(sessionId);
    const spans = await wholeTrace(sessionId);
    const [tool] = named(spans, 'execute_tool get-sum');
    expect(tool).toMatchObject({ isError: true, statusMessage: '', attributes: { 'error.type': 'tool_error' } });
    expect(named(spans, 'session')[0]?.isError).toBe(false);
  });

  it('goes through stream-gateway and ends when a person cancels', async () => {
    const marker = scripted.script(() => [{ text: 'Slowly, slowly.', stallAfterChunks: 2 }]);
    const sessionId = await submit(marker);
    await scripted.system.watch(sessionId, ({ data }) => data.type === 'stream.chunk');
    const url = `${scripted.system.url('stream-gateway')}/api/v1/sessions/${sessionId}/cancel`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(200);
    await scripted.system.finished(sessionId);
    const spans = await wholeTrace(sessionId);
    const [command] = named(spans, 'process cancelSession');
    expect(pathOf(command!, spans)).toEqual([
      'session',
      'POST /api/v1/sessions/:id/cancel',
      'send cancelSession',
      'process cancelSession',
    ]);
    expect(serviceOf(named(spans, 'send cancelSession')[0]!)).toBe('tarsy-stream-gateway');
    for (const name of ['session', 'stage investigate', 'invoke_agent Investigator', 'chat scripted-model'])
      expect(named(spans, name).map(({ isError }) => isError)).toEqual([true]);
    expect(named(spans, 'session')[0]?.attributes).toMatchObject({ 'tarsy.status': 'cancelled' });
  });

  it('begins with a message where the alert came over NATS', async () => {
    const marker = scripted.script((mark) => [{ text: `Fine. ${mark}` }, { text: 'Fine.' }]);
    const nats = await connectToNats();
    const alert = { data: marker, alert_type: 'test', sessionId: WORDS_OF_THE_ALERT };
    await nats.request(`${scripted.system.namespace}.alerts.raw.json`, JSON.stringify(alert));
    await nats.close();
    const [raw] = await scripted.system.eventually(
      () => Promise.resolve(named(collector.spans, 'process alertRaw')),
      (found) => found.length > 0,
    );
    const id = sessionIdOf(raw!.traceId);
    await scripted.system.finished(id);
    const spans = await wholeTrace(id);
    expect(pathOf(named(spans, 'process alertAccepted')[0]!, spans)).toEqual([
      'session',
      'process alertRaw',
      'send alertAccepted',
      'process alertAccepted',
    ]);
    expect(collector.received()).not.toContain(WORDS_OF_THE_ALERT);
  });

  it('loses and doubles nothing when a worker is killed in the middle of an answer', async () => {
    const gate = Promise.withResolvers<void>();
    const marker = scripted.script((mark) => [
      { ...calling('echo', { message: 'before' }) },
      { text: 'Half of it, and', gate: { afterChunks: 1, until: gate.promise } },
      { text: `All of it. ${mark}` },
      { text: 'Short.' },
    ]);
    const sessionId = await submit(marker);
    await scripted.system.watch(sessionId, ({ data }) => data.type === 'stream.chunk');
    const [call] = await scripted.system.eventually(
      () => Promise.resolve(named(spansOf(sessionId), 'execute_tool echo')),
      (found) => found.length > 0,
    );
    const holder = scripted.system.replicas.find(({ name }) => name === call?.resource['service.instance.id']);
    await scripted.system.kill(holder!);
    gate.resolve();
    await scripted.system.finished(sessionId);
    const spans = await wholeTrace(sessionId);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    for (const name of ['session', 'stage investigate', 'invoke_agent Investigator', 'execute_tool echo'])
      expect(named(spans, name)).toHaveLength(1);
    const turns = named(spans, 'chat scripted-model').map(({ attributes }) => attributes['tarsy.turn']);
    expect(turns).toEqual([1, 2, 1]);
  });
});

async function connectToNats(): Promise<NatsConnection> {
  const { host, username, password } = new URL(scripted.system.servers.natsUrl);
  return await connect({ servers: host, ...(username ? { user: username, pass: password } : {}) });
}
