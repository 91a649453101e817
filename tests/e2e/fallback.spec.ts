import type { SessionDetail, SessionTrace, TimelineEventView } from '@tarsy/contracts';
import { mentions, startModelServer, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAILING_WAYS, type FailingWay } from './fallback-ways.js';
import { KEY, calling } from './scripted-system.js';
import { TestSystem } from './system.js';

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
/** Long enough for a busy machine to answer in, short enough to wait for twice. */
const PATIENCE_MS = 4_000;
const WORKERS = [1, 2];
const MODELS = { openai: 'model-of-openai', anthropic: 'model-of-anthropic', google: 'gemini-3.7-flash' };

/** Where all that fails is; what takes over is elsewhere. */
let failing: ModelServer;
let healthy: ModelServer;
let system: TestSystem;

const nameOf = (way: FailingWay): string => `way-${FAILING_WAYS.indexOf(way) + 1}`;

function providerAt({ url, origin }: ModelServer, vendor: FailingWay['vendor']): string {
  return `{ type: ${vendor}, model: ${MODELS[vendor]}, base_url: "${vendor === 'openai' ? url : origin}", api_key_env: E2E_MODEL_KEY }`;
}

/** One provider for each way, so that none is left alone for what another did. The first entry of each list is the provider itself. */
function chainOf(name: string, provider: string, more = '', fallbacks = [provider, 'good']): string {
  const list = fallbacks.map((entry) => `{ provider: ${entry}, backend: langchain }`).join(', ');
  return `  ${name}: { alert_types: [${name}], llm_provider: ${provider}, executive_summary_provider: good, fallback_providers: [${list}], ${more} stages: [{ name: investigate, agents: [{ name: Investigator }] }] }`;
}

beforeAll(async () => {
  [failing, healthy] = await Promise.all([startModelServer(), startModelServer()]);
  system = await TestSystem.start('fallback', {
    tarsyYaml: `
queue: { max_concurrent_sessions: 50 }
defaults: { llm_provider: good, alert_type: test, max_iterations: 2 }
mcp_servers: { everything: { transport: { type: stdio, command: "${process.execPath}", args: ["${EVERYTHING}", "stdio"] } } }
agents:
  Investigator: { mcp_servers: [everything] }
  Searcher: { mcp_servers: [everything], native_tools: { google_search: true } }
agent_chains:
${FAILING_WAYS.map((way) => chainOf(nameOf(way), nameOf(way), `max_iterations: ${way.maxIterations ?? 2},`)).join('\n')}
${chainOf('list', 'first', '', ['first', 'second', 'good'])}
${chainOf('end-of-list', 'third', '', ['fourth'])}
${chainOf('recovering', 'recovering', 'max_iterations: 4,')}
${chainOf('looping', 'looping', 'max_iterations: 4,')}
${chainOf('concluding', 'concluding', 'max_iterations: 1,')}
${chainOf('dead', 'dead')}
  summary: { alert_types: [summary], executive_summary_provider: fifth, fallback_providers: [{ provider: good, backend: langchain }], stages: [{ name: investigate, agents: [{ name: Investigator }] }] }
  native:
    alert_types: [native]
    llm_provider: searching
    llm_backend: google-native
    executive_summary_provider: good
    executive_summary_backend: langchain
    fallback_providers: [{ provider: good, backend: langchain }, { provider: searching-too, backend: google-native }]
    stages: [{ name: investigate, agents: [{ name: Searcher }] }]
`,
    providersYaml: `llm_providers:
${FAILING_WAYS.map((way) => `  ${nameOf(way)}: ${providerAt(failing, way.vendor)}`).join('\n')}
${['first', 'third', 'fifth', 'recovering', 'looping', 'concluding', 'dead'].map((name) => `  ${name}: ${providerAt(failing, 'openai')}`).join('\n')}
  second: ${providerAt(failing, 'anthropic')}
  fourth: ${providerAt(failing, 'anthropic')}
  searching: ${providerAt(failing, 'google')}
  searching-too: ${providerAt(healthy, 'google')}
  good: ${providerAt(healthy, 'anthropic')}
`,
    workerEnvironment: { E2E_MODEL_KEY: KEY },
    environment: {
      MODEL_PRICES_URL: 'off',
      MODEL_FIRST_TOKEN_TIMEOUT_MS: String(PATIENCE_MS),
      MODEL_STALL_TIMEOUT_MS: String(PATIENCE_MS),
    },
    replicas: { 'agent-worker': WORKERS.length },
  });
});
afterAll(async () => {
  await system?.stop();
  await Promise.all([failing?.close(), healthy?.close()]);
});

interface Case {
  readonly id: string;
  readonly marker: string;
}

/** Says what both servers answer, and submits the alert. */
async function investigate(
  alertType: string,
  failures: (marker: string) => readonly ModelTurn[],
  answers: (marker: string) => readonly ModelTurn[],
): Promise<Case> {
  const marker = `case-${randomUUID()}`;
  failing.script({ name: marker, matches: mentions(marker), turns: failures(marker) });
  healthy.script({ name: marker, matches: mentions(marker), turns: answers(marker) });
  const { status, body } = await system.submit({ alert_type: alertType, data: marker });
  expect(status).toBe(202);
  return { id: String(body['session_id']), marker };
}

const summary: ModelTurn = { text: 'Summary.' };
const look: ModelTurn = calling('echo', { message: 'x' });
const answer = (marker: string): ModelTurn => ({ text: `The cause is x. ${marker}` });
/** Looks, answers, and sums up: as many iterations as the chain allows. */
const wholeInvestigation = (marker: string): ModelTurn[] => [look, answer(marker), summary];

const timeline = (id: string): Promise<TimelineEventView[]> => system.get(`/sessions/${id}/timeline`);
const eventsOf = (events: readonly TimelineEventView[], type: string): TimelineEventView[] =>
  events.filter(({ event_type }) => event_type === type);
const executionsOf = ({ stages }: SessionDetail): unknown[] => stages.flatMap(({ executions = [] }) => executions);
const isForced = ({ metadata }: TimelineEventView): boolean => metadata?.['forced_conclusion'] === true;

/** Errors of that many calls of the investigation, in order; undefined for those that succeeded. */
async function callsOf(id: string, count: number): Promise<(string | undefined)[]> {
  const find = async (): Promise<(string | undefined)[]> =>
    (await system.get<SessionTrace>(`/sessions/${id}/trace`)).stages[0]!.executions[0]!.llm_interactions.map(({ error_message }) => error_message); // prettier-ignore
  return await system.eventually(find, (calls) => calls.length >= count);
}

/** The completed session and its timeline, once all is recorded: an analysis and a summary, and so many changes of model. */
async function recorded(
  id: string,
  switches: number,
): Promise<{ session: SessionDetail; events: readonly TimelineEventView[] }> {
  await system.finished(id);
  await system.eventually(
    () => fallbackCountOf(id),
    (count) => count === switches,
  );
  const events = await system.eventually(
    () => timeline(id),
    (found) => eventsOf(found, 'final_analysis').length === 2,
  );
  return { session: await system.get<SessionDetail>(`/sessions/${id}`), events };
}

/** How often a worker took `to` in place of `from`, as Prometheus sees it. */
async function switchesCounted(from: string, to: string): Promise<number> {
  const counts = await Promise.all(
    WORKERS.map(async (number) => {
      const metrics = await fetch(`${system.url('agent-worker', number)}/metrics`).then((response) => response.text());
      const line = metrics.split('\n').find((text) => text.startsWith('tarsy_llm_fallbacks_total') && text.includes(`from_provider="${from}"`) && text.includes(`to_provider="${to}"`)); // prettier-ignore
      return Number(line?.split(' ').at(-1) ?? 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function fallbackCountOf(id: string): Promise<unknown> {
  const { sessions } = await system.get<{ sessions: { id: string; provider_fallback_count: number }[] }>('/sessions?page_size=100'); // prettier-ignore
  return sessions.find((session) => session.id === id)?.provider_fallback_count;
}

describe('a session whose provider', () => {
  const cases = new Map<FailingWay, Case>();
  // All at once: most of their time is pauses before repetitions.
  beforeAll(async () => {
    for (const way of FAILING_WAYS)
      cases.set(way, await investigate(nameOf(way), () => way.answers, wholeInvestigation));
  });

  it.each(FAILING_WAYS)('$how finishes on the fallback', async (way) => {
    const { id, marker } = cases.get(way)!;
    const { session, events } = await recorded(id, 1);
    expect(session).toMatchObject({ status: 'completed', final_analysis: `The cause is x. ${marker}` });

    // Who was asked, and how often.
    expect(failing.requestsOf(marker)).toHaveLength(way.answers.length);
    expect(healthy.requestsOf(marker)).toHaveLength(3);
    const calls = await callsOf(id, way.failedCalls + 2);
    expect(calls.map((error) => error !== undefined)).toEqual([
      ...Array.from({ length: way.failedCalls }, () => true),
      false,
      false,
    ]);

    // What people see.
    const names = { provider: nameOf(way), backend: 'langchain', model: MODELS[way.vendor] };
    expect(executionsOf(session)[0]).toMatchObject({
      status: 'completed',
      llm_provider: 'good',
      llm_backend: 'langchain',
      model_name: MODELS.anthropic,
      original_llm_provider: names.provider,
      original_llm_backend: names.backend,
      original_model_name: names.model,
      fallback_reason: calls[way.failedCalls - 1],
      fallback_error_code: way.errorCode,
      fallback_attempt: 1,
    });
    expect(eventsOf(events, 'provider_fallback').map(({ metadata }) => metadata)).toMatchObject([
      {
        original_provider: names.provider,
        original_backend: names.backend,
        original_model: names.model,
        fallback_provider: 'good',
        fallback_backend: 'langchain',
        fallback_model: MODELS.anthropic,
        reason: calls[way.failedCalls - 1],
        attempt: 1,
        error_code: way.errorCode,
      },
    ]);
    expect(await switchesCounted(names.provider, 'good')).toBe(1);

    // With those that failed there would be more iterations than are allowed.
    expect(eventsOf(events, 'final_analysis').some(isForced)).toBe(false);
  });
});

describe('failures', () => {
  const refused: ModelTurn = { error: { status: 400 } };

  it('that are followed by a success count from nothing again', async () => {
    const { id, marker } = await investigate(
      'recovering',
      (mark) => [refused, look, refused, answer(mark)],
      () => [summary],
    );
    const { session, events } = await recorded(id, 0);
    expect(session).toMatchObject({ status: 'completed', final_analysis: `The cause is x. ${marker}` });
    expect(executionsOf(session)[0]).toMatchObject({ llm_provider: 'recovering' });
    expect(executionsOf(session)[0]).not.toHaveProperty('fallback_attempt');
    expect(eventsOf(events, 'provider_fallback')).toEqual([]);
    expect(failing.requestsOf(marker)).toHaveLength(4);
  });

  it('of a model that repeats itself never lead to another', async () => {
    const loop: ModelTurn = { text: 'The node is full because its disk is full. '.repeat(150), pieces: 150 };
    const { id, marker } = await investigate(
      'looping',
      (mark) => [loop, loop, loop, answer(mark)],
      () => [summary],
    );
    const { session, events } = await recorded(id, 0);
    expect(session).toMatchObject({ status: 'completed', final_analysis: `The cause is x. ${marker}` });
    expect((await callsOf(id, 4)).map((error) => error !== undefined)).toEqual([true, true, true, false]);
    expect(eventsOf(events, 'provider_fallback')).toEqual([]);
    expect(healthy.requestsOf(marker)).toHaveLength(1);
  });

  it('of the one that takes over lead to the next in the list', async () => {
    const keyless: ModelTurn = { error: { status: 401 } };
    const { id, marker } = await investigate('list', () => [keyless, refused, refused], wholeInvestigation);
    const { session, events } = await recorded(id, 2);
    expect(session).toMatchObject({ status: 'completed', final_analysis: `The cause is x. ${marker}` });
    expect(executionsOf(session)[0]).toMatchObject({
      llm_provider: 'good',
      original_llm_provider: 'first',
      fallback_error_code: 'INVALID_REQUEST',
      fallback_attempt: 2,
    });
    expect(eventsOf(events, 'provider_fallback').map(({ metadata }) => metadata)).toMatchObject([
      { attempt: 1, original_provider: 'first', fallback_provider: 'second', error_code: 'CREDENTIALS' },
      { attempt: 2, original_provider: 'second', fallback_provider: 'good', error_code: 'INVALID_REQUEST' },
    ]);
    const dialects = failing.requestsOf(marker).map(({ dialect }) => dialect);
    expect(dialects).toEqual(['openai-chat', 'anthropic-messages', 'anthropic-messages']);
  });

  it('of the last in the list end the session', async () => {
    const keyless: ModelTurn = { error: { status: 401 } };
    const { id, marker } = await investigate(
      'end-of-list',
      () => [keyless, keyless],
      () => [],
    );
    const session = await system.finished(id);
    expect(session.status).toBe('failed');
    expect(session.error_message).toContain('fourth refused the key');
    expect(failing.requestsOf(marker)).toHaveLength(2);
  });

  it('of a forced conclusion, or of a summary, lead to another model after one', async () => {
    const [forced, summarised] = await Promise.all([
      investigate('concluding', () => [look, refused], (mark) => [answer(mark), summary]),
      investigate('summary', () => [refused], wholeInvestigation),
    ]); // prettier-ignore
    const { session: ended, events } = await recorded(forced.id, 1);
    expect(ended).toMatchObject({ status: 'completed', final_analysis: `The cause is x. ${forced.marker}` });
    expect(eventsOf(events, 'provider_fallback')).toHaveLength(1);
    expect(eventsOf(events, 'final_analysis').filter(isForced)).toHaveLength(1);
    const { session } = await recorded(summarised.id, 1);
    expect(session).toMatchObject({ status: 'completed', executive_summary: 'Summary.' });
    expect(executionsOf(session)).toMatchObject([
      { llm_provider: 'good' },
      { llm_provider: 'good', original_llm_provider: 'fifth', fallback_error_code: 'INVALID_REQUEST' },
    ]);
  });

  it('of a model with tools of its own lead to one that has them too', async () => {
    const { id } = await investigate('native', () => [{ error: { status: 401 } }], wholeInvestigation);
    const { session, events } = await recorded(id, 1);
    expect(session.status).toBe('completed');
    expect(executionsOf(session)[0]).toMatchObject({ llm_provider: 'searching-too', llm_backend: 'google-native' });
    expect(eventsOf(events, 'provider_fallback')).toMatchObject([
      { metadata: { original_provider: 'searching', skipped_incompatible: ['good'] } },
    ]);
  });

  it('of many sessions have the provider left alone, so that the next session goes to another at once', async () => {
    const dead = (): ModelTurn[] => Array.from({ length: 4 }, () => ({ error: { status: 503 } }));
    const before = await Promise.all([1, 2, 3].map(() => investigate('dead', dead, wholeInvestigation)));
    for (const { id } of before) expect((await system.finished(id)).status).toBe('completed');
    const { id, marker } = await investigate('dead', () => [], wholeInvestigation);
    const { session } = await recorded(id, 1);
    expect(session.status).toBe('completed');
    expect(executionsOf(session)[0]).toMatchObject({ llm_provider: 'good', fallback_error_code: 'PROVIDER_BUSY' });
    expect(failing.requestsOf(marker)).toEqual([]);
  });
});
