import { mentions, startModelServer, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, calling } from './scripted-system.js';
import { TestSystem } from './system.js';

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const SESSIONS = 30;
const CALLS_A_MINUTE = 60;
const SLOTS = 4;

let model: ModelServer;
let system: TestSystem;

beforeAll(async () => {
  model = await startModelServer();
  system = await TestSystem.start('providers', {
    tarsyYaml: `
queue: { max_concurrent_sessions: ${SESSIONS + 5} }
system: { cost_estimation: { model_rates: { model-a: { input_per_million: 1, output_per_million: 1 } } } }
defaults: { llm_provider: first, alert_type: test }
mcp_servers: { everything: { transport: { type: stdio, command: "${process.execPath}", args: ["${EVERYTHING}", "stdio"] } } }
agents: { Investigator: { description: "Investigates", mcp_servers: [everything] } }
agent_chains:
  falling:
    alert_types: [test]
    fallback_providers: [{ provider: second, backend: langchain }]
    stages: [{ name: investigate, agents: [{ name: Investigator }] }]
  streamed:
    alert_types: [streamed]
    llm_provider: second
    executive_summary_provider: first
    stages: [{ name: investigate, agents: [{ name: Investigator }] }]
  limited:
    alert_types: [limited]
    llm_provider: narrow
    stages: [{ name: investigate, agents: [{ name: Investigator }] }]
`,
    providersYaml: `llm_providers:
  first: { type: openai, model: model-a, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY }
  second: { type: anthropic, model: model-b, base_url: "${model.origin}", api_key_env: E2E_MODEL_KEY }
  narrow: { type: openai, model: model-a, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY, requests_per_minute: ${CALLS_A_MINUTE} }
`,
    workerEnvironment: { E2E_MODEL_KEY: KEY, WORKER_SLOTS: String(SLOTS) },
    environment: { MODEL_PRICES_URL: 'off' },
    replicas: { 'agent-worker': 3 },
  });
});
afterAll(async () => {
  await system?.stop();
  await model?.close();
});

/** Scripts one investigation and submits its alert. */
async function investigate(
  alertType: string,
  turns: (marker: string) => readonly ModelTurn[],
): Promise<{ id: string; marker: string }> {
  const marker = `case-${randomUUID()}`;
  model.script({ name: marker, matches: mentions(marker), turns: turns(marker) });
  const { status, body } = await system.submit({ alert_type: alertType, data: marker });
  expect(status).toBe(202);
  return { id: String(body['session_id']), marker };
}

describe('a session whose provider fails', () => {
  it('finishes on the fallback, and shows what happened and what it cost', async () => {
    const { id, marker } = await investigate('test', (mark) => [
      { text: 'I look.', toolCalls: calling('echo', { message: 'x' }).toolCalls!, usage: { inputTokens: 900, outputTokens: 100 } }, // prettier-ignore
      { error: { status: 401 } },
      { text: `The cause is x. ${mark}` },
      { text: 'Summary.', usage: { inputTokens: 900, outputTokens: 100 } },
    ]);
    const session = await system.finished(id);
    expect(session).toMatchObject({ status: 'completed', cost_completeness: 'partial', estimated_cost_usd: 0.002 });
    const detail = await system.get<{ stages: { executions: unknown[] }[] }>(`/sessions/${id}`);
    expect(detail.stages[0]?.executions[0]).toMatchObject({
      llm_provider: 'second',
      model_name: 'model-b',
      original_llm_provider: 'first',
      original_model_name: 'model-a',
      fallback_error_code: 'CREDENTIALS',
      fallback_attempt: 1,
    });
    const timeline = await system.get<{ event_type: string; metadata?: unknown }[]>(`/sessions/${id}/timeline`);
    expect(timeline.find(({ event_type }) => event_type === 'provider_fallback')?.metadata).toMatchObject({
      original_provider: 'first',
      fallback_provider: 'second',
      error_code: 'CREDENTIALS',
    });
    const dialects = model.requestsOf(marker).map(({ dialect }) => dialect);
    expect(dialects).toEqual(['openai-chat', 'openai-chat', 'anthropic-messages', 'openai-chat']);
    const day = 24 * 3_600_000;
    const window = `start_date=${new Date(Date.now() - day).toISOString()}&end_date=${new Date(Date.now() + day).toISOString()}`;
    expect(await system.get(`/usage/summary?${window}`)).toMatchObject({
      cost_estimation_enabled: true,
      rank_by: 'cost',
    });
  });
});

describe('a worker that is killed while an answer streams', () => {
  it('leaves an answer in which no piece is lost or doubled', async () => {
    const never = new Promise<never>(() => undefined);
    const long = Array.from({ length: 60 }, (_, index) => `piece ${index}.`).join(' ');
    const streaming = { text: long, pieces: 60 };
    const { id, marker } = await investigate('streamed', (mark) => [
      { ...streaming, text: `${long} ${mark}`, gate: { afterChunks: 30, until: never } },
      { ...streaming, text: `${long} ${mark}` },
      { text: 'Summary.' },
    ]);
    await system.watch(id, ({ data }) => JSON.stringify(data).includes('piece 9.'));
    const holder = await system.eventually(holderOfOneExecution, (number) => number !== undefined);
    await system.kill(system.replica('agent-worker', holder));
    const session = await system.finished(id);
    expect(session).toMatchObject({ status: 'completed', final_analysis: `${long} ${marker}` });
    const timeline = await system.get<{ event_type: string; content?: string }[]>(`/sessions/${id}/timeline`);
    const texts = timeline.filter(({ event_type }) => event_type === 'llm_response').map(({ content }) => content);
    expect(texts).toContain(`${long} ${marker}`);
    expect(texts.filter((text) => text?.includes('piece 0.'))).toHaveLength(1);
    await system.restart(system.replica('agent-worker', holder));
  });
});

describe('a fleet at the limit of its provider', () => {
  it(
    'never makes more calls in a minute, fails no session, and keeps its places free',
    { timeout: 240_000 },
    async () => {
      const sessions = await Promise.all(
        Array.from({ length: SESSIONS }, () =>
          investigate('limited', (mark) => [
            calling('echo', { message: 'x' }),
            { text: `Done. ${mark}` },
            { text: 'Summary.' },
          ]),
        ),
      );
      const timesOf = (): number[] =>
      sessions.flatMap(({ marker }) => model.requestsOf(marker).map(({ receivedAtMs }) => receivedAtMs)).sort((a, b) => a - b); // prettier-ignore
      await system.eventually(
        () => Promise.resolve(timesOf().length),
        (count) => count === CALLS_A_MINUTE,
      );
      // Everything that is left waits for the next minute, and none of it in a worker.
      await system.eventually(activeExecutions, (active) => active === 0);
      expect(timesOf()).toHaveLength(CALLS_A_MINUTE);
      for (const { id } of sessions) expect((await system.finished(id)).status).toBe('completed');
      const times = timesOf();
      expect(times).toHaveLength(3 * SESSIONS);
      const mostInAMinute = Math.max(...times.map((at, index) => times.slice(index).filter((later) => later < at + 60_000).length)); // prettier-ignore
      expect(mostInAMinute).toBe(CALLS_A_MINUTE);
    },
  );
});

/** Executions that run, by worker. */
async function activeByWorker(): Promise<number[]> {
  return await Promise.all(
    [1, 2, 3].map(async (number) => {
      const metrics = await fetch(`${system.url('agent-worker', number)}/metrics`).then((response) => response.text());
      return Number(/^tarsy_workers_active (\d+)/m.exec(metrics)?.[1]);
    }),
  );
}

const activeExecutions = async (): Promise<number> => (await activeByWorker()).reduce((sum, count) => sum + count, 0);

/** Number of the only worker that runs one; undefined while that is not so. */
async function holderOfOneExecution(): Promise<number | undefined> {
  const active = await activeByWorker();
  return active.filter((count) => count > 0).length === 1 ? active.findIndex((count) => count > 0) + 1 : undefined;
}
