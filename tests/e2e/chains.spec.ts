import { fileURLToPath } from 'node:url';
import type { SessionDetail } from '@tarsy/contracts';
import { mentions, startModelServer, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, ask } from './chat.js';
import { fourStageAnswer, fourStageChain, stageRequestOf, type StageRequest } from './four-stage-chain.js';
import { calling } from './scripted-system.js';
import { TestSystem } from './system.js';

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));

let model: ModelServer;
let system: TestSystem;
const four = fourStageChain('everything');

beforeAll(async () => {
  model = await startModelServer();
  system = await TestSystem.start('chains', {
    tarsyYaml: `
queue: { max_concurrent_sessions: 20 }
defaults: { llm_provider: scripted, alert_type: four }
mcp_servers:
  everything: { transport: { type: stdio, command: "${process.execPath}", args: ["${EVERYTHING}", "stdio"] } }
agents:${four.agents}
  Remediator: { type: action, custom_instructions: ROLE-REMEDIATOR }
agent_chains:${four.chain}
  any: { alert_types: [any], stages: [{ name: debate, agents: [{ name: Investigator }, { name: Skeptic }], success_policy: any }] }
  all:
    alert_types: [all]
    stages:
      - { name: gather, agents: [{ name: Investigator }] }
      - { name: debate, agents: [{ name: Investigator }, { name: Skeptic }], success_policy: all }
      - { name: never, agents: [{ name: Investigator }] }
  patient:
    alert_types: [patient]
    max_iterations: 1
    force_conclusion_at_max_iterations: false
    stages: [{ name: debate, agents: [{ name: Investigator }, { name: Skeptic }], success_policy: any }]
  frugal:
    alert_types: [frugal]
    budget: { max_tool_calls: 1 }
    stages: [{ name: gather, agents: [{ name: Investigator }] }]
  repair: { alert_types: [repair], stages: [{ name: repair, agents: [{ name: Remediator }] }] }
`,
    providersYaml: `
llm_providers:
  scripted: { type: openai, model: first-model, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY }
  other: { type: openai, model: second-model, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY }`,
    workerEnvironment: { E2E_MODEL_KEY: 'e2e-model-key-1234567890' },
    replicas: { 'agent-worker': 2 },
  });
});

afterAll(async () => {
  await system.stop();
  await model.close();
});

/** Submits an alert whose requests are answered by `answer`; every answer that ends a stage must carry the marker. */
async function submit(
  alertType: string,
  answer: (request: StageRequest, marker: string) => ModelTurn,
): Promise<{ sessionId: string; marker: string }> {
  const marker = `case-${randomUUID()}`;
  model.script({ name: marker, matches: mentions(marker), turns: (body) => answer(stageRequestOf(body), marker) });
  const { status, body } = await system.submit({ data: `Something is wrong: ${marker}`, alert_type: alertType });
  expect(status).toBe(202);
  return { sessionId: String(body['session_id']), marker };
}

const requestsOf = (marker: string, stage: string): StageRequest[] =>
  model.requestsOf(marker).map(({ body }) => stageRequestOf(body)).filter((request) => request.stage === stage); // prettier-ignore

async function finalEvents(sessionId: string, count: number): Promise<{ metadata?: Record<string, unknown> }[]> {
  const find = async (): Promise<{ event_type: string; metadata?: Record<string, unknown> }[]> =>
    (await system.get<{ event_type: string }[]>(`/sessions/${sessionId}/timeline`)).filter(
      ({ event_type }) => event_type === 'final_analysis',
    );
  return await system.eventually(find, (events) => events.length >= count);
}

const post = (path: string): Promise<Response> => fetch(`${system.url('stream-gateway')}/api/v1${path}`, { method: 'POST' }); // prettier-ignore

describe('a chain of four stages', () => {
  it('runs single, parallel and replicated agents, merges what they found, hands it on and answers questions about it', async () => {
    const { sessionId, marker } = await submit('four', (request, mark) => {
      if (request.stage !== 'Chat') return fourStageAnswer(request, mark, (about) => calling('echo', { message: `${about} of ${mark}` })); // prettier-ignore
      return request.results === 0 ? calling('echo', { message: 'again' }) : { text: `Answer: see debate. ${mark}` };
    });
    const session = await system.finished(sessionId);
    const { stages } = session;
    expect(session.status).toBe('completed');
    expect(stages.map(({ stage_name, stage_type, status, parallel_type }) => [stage_name, stage_type, status, parallel_type])).toEqual([
      ['gather', 'investigation', 'completed', null],
      ['examine', 'investigation', 'completed', null],
      ['debate', 'investigation', 'completed', 'multi_agent'],
      ['debate - Synthesis', 'synthesis', 'completed', null],
      ['repeat', 'investigation', 'completed', 'replica'],
      ['repeat - Synthesis', 'synthesis', 'completed', null],
      ['Executive Summary', 'exec_summary', 'completed', null],
    ]); // prettier-ignore
    expect(stages[3]!.referenced_stage_id).toBe(stages[2]!.id);
    expect(stages[2]!.executions!.map(({ agent_name, model_name }) => [agent_name, model_name])).toEqual([
      ['Investigator', 'first-model'],
      ['Skeptic', 'second-model'],
    ]);
    expect(stages[3]!.executions![0]!.model_name).toBe('second-model');
    expect(stages[4]!.executions!.map(({ agent_name }) => agent_name)).toEqual(['Investigator-1', 'Investigator-2']);
    expect(session.final_analysis).toBe(`Result of repeat - Synthesis. ${marker}`);
    // The synthesis reads what both did, the next stage reads the synthesis and not what it merged.
    const [synthesis] = requestsOf(marker, 'debate - Synthesis');
    for (const part of ['Result of debate.', 'Doubt remains.', 'doubt']) expect(synthesis!.text).toContain(part);
    expect(synthesis!.text).not.toContain('Result of gather.');
    const [repeat] = requestsOf(marker, 'repeat');
    for (const part of ['Result of gather.', 'Result of examine.', 'Result of debate - Synthesis.'])
      expect(repeat!.text).toContain(part);
    expect(repeat!.text).not.toContain('Doubt remains.');
    // The sceptic was at its limit after one iteration.
    const events = await finalEvents(sessionId, 9);
    expect(events.filter(({ metadata }) => metadata?.['forced_conclusion'] === true)).toHaveLength(1);

    const first = await ask(system, sessionId, 'Who doubted?');
    const answer = await answered(system, sessionId, first.stage_id);
    expect(answer).toMatchObject({ status: 'completed', chat_message: { content: 'Who doubted?', answer: `Answer: see debate. ${marker}` } }); // prettier-ignore
    const second = await ask(system, sessionId, 'Are you sure?');
    expect(second.chat_id).toBe(first.chat_id);
    await answered(system, sessionId, second.stage_id);
    // Each agent with all it did, the syntheses, the summary, and for the second question the first one with its answer.
    const questions = requestsOf(marker, 'Chat').map(({ text }) => text);
    expect(questions).toHaveLength(4);
    for (const part of [
      'facts for gather of case-',
      'Result of examine.',
      'Doubt remains.',
      'Result of repeat - Synthesis.',
      '## Executive Summary',
    ])
      expect(questions[0]).toContain(part);
    expect(questions[0]).not.toContain('Are you sure?');
    expect(questions[2]).toMatch(/Who doubted\?[^]*Answer: see debate\.[^]*## Current Question[^]*Are you sure\?/);
    const after = await system.get<SessionDetail & Record<string, unknown>>(`/sessions/${sessionId}`);
    expect(after).toMatchObject({ status: 'completed', final_analysis: session.final_analysis, chat_message_count: 2, total_stages: 9 }); // prettier-ignore
  });
});

describe('a stage of two agents of which one fails', () => {
  const answer = ({ role, stage }: StageRequest, mark: string): ModelTurn =>
    role === 'SKEPTIC' ? { error: { status: 401, body: { message: 'no such key' } } } : { text: `${stage} is done. ${mark}` }; // prettier-ignore

  it('completes under the policy any, and the synthesis knows of the failure', async () => {
    const { sessionId, marker } = await submit('any', answer);
    const session = await system.finished(sessionId);
    expect(session).toMatchObject({ status: 'completed', final_analysis: `debate - Synthesis is done. ${marker}` });
    expect(session.stages[0]!.executions!.map(({ status }) => status)).toEqual(['completed', 'failed']);
    const [synthesis] = requestsOf(marker, 'debate - Synthesis');
    expect(synthesis!.text).toContain('Skeptic');
    expect(synthesis!.text).toContain('failed');
  });

  it('ends the session under the policy all, with what earlier stages found', async () => {
    const { sessionId, marker } = await submit('all', answer);
    const session = await system.finished(sessionId);
    expect(session).toMatchObject({ status: 'failed', final_analysis: `gather is done. ${marker}` });
    expect(session.error_message).toContain('Skeptic');
    expect(session.stages.map(({ stage_name, status }) => [stage_name, status])).toEqual([
      ['gather', 'completed'],
      ['debate', 'failed'],
    ]);
  });
});

describe('agents at their limit that wait for a person', () => {
  /** The sceptic needs a second iteration; the other one does not. */
  const answer = ({ role, stage, results }: StageRequest, mark: string): ModelTurn =>
    role === 'SKEPTIC' && results === 0 ? calling('echo', { message: 'more' }) : { text: `${role ?? stage} is done. ${mark}` }; // prettier-ignore

  async function pausedSession(): Promise<{ sessionId: string; marker: string; session: SessionDetail }> {
    const submitted = await submit('patient', answer);
    await system.watch(
      submitted.sessionId,
      ({ data }) => data.type === 'session.status' && data['status'] === 'paused',
    );
    return { ...submitted, session: await system.get<SessionDetail>(`/sessions/${submitted.sessionId}`) };
  }

  it('go on when they may, and only they', async () => {
    const { sessionId, marker, session } = await pausedSession();
    expect(session.stages[0]).toMatchObject({
      status: 'paused',
      executions: [{ status: 'completed' }, { status: 'paused' }],
    });
    expect((await post(`/sessions/${sessionId}/resume`)).status).toBe(200);
    expect(await system.finished(sessionId)).toMatchObject({ status: 'completed' });
    const requests = requestsOf(marker, 'debate').map(({ role, results }) => `${role} ${results}`);
    expect(requests.sort()).toEqual(['INVESTIGATOR 0', 'SKEPTIC 0', 'SKEPTIC 1']);
    expect((await post(`/sessions/${sessionId}/resume`)).status).toBe(409);
  });

  it('can be given up one by one', async () => {
    const { sessionId, session } = await pausedSession();
    const skeptic = session.stages[0]!.executions![1]!;
    expect((await post(`/sessions/${sessionId}/executions/${skeptic.execution_id}/cancel`)).status).toBe(200);
    const ended = await system.finished(sessionId);
    expect(ended.status).toBe('completed');
    expect(ended.stages[0]!.executions!.map(({ status }) => status)).toEqual(['completed', 'cancelled']);
  });

  it('go on in another worker when the one before is gone', async () => {
    const { sessionId, marker } = await pausedSession();
    for (const number of [1, 2]) await system.kill(system.replica('agent-worker', number));
    expect((await post(`/sessions/${sessionId}/resume`)).status).toBe(200);
    for (const number of [1, 2]) await system.restart(system.replica('agent-worker', number));
    expect(await system.finished(sessionId)).toMatchObject({ status: 'completed' });
    expect(requestsOf(marker, 'debate')).toHaveLength(3);
  });
});

describe('a session', () => {
  it('whose budget is used up concludes with what it has', async () => {
    const { sessionId, marker } = await submit('frugal', ({ offersTools, stage }, mark) =>
      offersTools ? calling('echo', { message: 'again' }) : { text: `${stage} so far. ${mark}` },
    );
    const session = await system.finished(sessionId);
    expect(session).toMatchObject({ status: 'completed', final_analysis: `gather so far. ${marker}` });
    expect(requestsOf(marker, 'gather').map(({ offersTools }) => offersTools)).toEqual([true, false]);
    const events = await finalEvents(sessionId, 2);
    const forced = events.filter(({ metadata }) => metadata?.['forced_conclusion'] === true);
    expect(forced).toMatchObject([{ metadata: { budget_used_up: 'tool_calls' } }]);
  });

  it('says whether its action agents changed anything, in a field and not in the report', async () => {
    const { sessionId, marker } = await submit('repair', ({ role }, mark) =>
      role === 'REMEDIATOR' ? { text: `Restarted it. ${mark}\n\nYES` } : { text: 'Restarted.' },
    );
    const session = await system.finished(sessionId);
    expect(session).toMatchObject({
      status: 'completed',
      final_analysis: `Restarted it. ${marker}`,
      has_action_stages: true,
      actions_executed: true,
    });
    const texts = await system.get<{ content?: string }[]>(`/sessions/${sessionId}/timeline`);
    expect(texts.filter(({ content }) => content?.includes('YES'))).toEqual([]);
  });
});
