import type { TimelineEventView } from '@tarsy/contracts';
import { mentions, startModelServer, type ChatRequestBody, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSystem, type Replica } from './system.js';

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));

let model: ModelServer;
let system: TestSystem;

beforeAll(async () => {
  model = await startModelServer();
  const provider = `type: openai, model: scripted-model, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY`;
  system = await TestSystem.start('agents', {
    tarsyYaml: `
queue: { max_concurrent_sessions: 20 }
defaults: { llm_provider: scripted, alert_type: test }
mcp_servers:
  everything:
    transport: { type: stdio, command: "${process.execPath}", args: ["${EVERYTHING}", "stdio"] }
    summarization: { size_threshold_tokens: 100, summary_max_token_limit: 50 }
agents:
  Lead: { description: "Leads", orchestrator: { max_concurrent_agents: 2, agent_timeout: 5m } }
  Reader: { description: "Reads logs", mcp_servers: [everything] }
  Tools: { description: "Uses tools", mcp_servers: [everything], required_skills: [house-rules] }
agent_chains:
  orchestrated: { alert_types: [orchestrated], stages: [{ name: lead, agents: [{ name: Lead, sub_agents: [Reader] }] }] }
  tools: { alert_types: [test], stages: [{ name: look, agents: [{ name: Tools }] }] }
  text: { alert_types: [text], llm_provider: text-only, stages: [{ name: look, agents: [{ name: Tools }] }] }
  small: { alert_types: [small], llm_provider: small-window, stages: [{ name: look, agents: [{ name: Tools }] }] }
`,
    providersYaml: `
llm_providers:
  scripted: { ${provider} }
  text-only: { ${provider}, dialect: react }
  small-window: { ${provider}, context_window_tokens: 6000 }
`,
    workerEnvironment: { E2E_MODEL_KEY: 'e2e-model-key-1234567890' },
    replicas: { 'agent-worker': 2 },
    skills: {
      'house-rules/SKILL.md': '---\nname: house-rules\ndescription: How we work\n---\nAlways name the node.\n',
      'disks.md': '---\nname: disks\ndescription: Full disks\n---\nLook for deleted files that are open.\n',
    },
  });
});
afterAll(async () => {
  await system.stop();
  await model.close();
});

/** Scripts an investigation and submits its alert. The last turn is for the summary. */
async function investigate(
  alertType: string,
  turns: (marker: string) => ModelTurn[],
): Promise<{ sessionId: string; marker: string }> {
  const marker = `case-${randomUUID()}`;
  model.script({ name: marker, matches: mentions(marker), turns: turns(marker) });
  return { marker, sessionId: await submit(alertType, marker) };
}

async function submit(alertType: string, marker: string): Promise<string> {
  const { status, body } = await system.submit({ data: `Something is wrong: ${marker}`, alert_type: alertType });
  expect(status).toBe(202);
  return String(body['session_id']);
}

const echo = (message: string): ModelTurn => ({ toolCalls: [{ name: 'everything__echo', arguments: { message } }] });
const toolTexts = (body: ChatRequestBody): (string | null)[] =>
  body.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);

const timeline = (sessionId: string, type: string, count = 1): Promise<TimelineEventView[]> =>
  system.eventually(
    async () => (await system.get<TimelineEventView[]>(`/sessions/${sessionId}/timeline`)).filter(({ event_type }) => event_type === type), // prettier-ignore
    (events) => events.length >= count,
  );

describe('an agent', () => {
  it('has its skills in the prompt and loads others', async () => {
    const { sessionId, marker } = await investigate('test', (mark) => [
      { toolCalls: [{ name: 'load_skill', arguments: { names: ['disks'] } }] },
      { text: `A deleted file is open. ${mark}` },
      { text: 'Summary.' },
    ]);
    expect(await system.finished(sessionId)).toMatchObject({ status: 'completed' });
    const [first, second] = model.requestsOf(marker).map(({ body }) => body);
    expect(first!.messages[0]!.content).toContain('### house-rules\nAlways name the node.');
    expect(toolTexts(second!)[0]).toContain('Look for deleted files that are open.');
    expect(await timeline(sessionId, 'skill_loaded')).toMatchObject([{ metadata: { skill_name: 'house-rules' } }]);
    expect(await timeline(sessionId, 'llm_tool_call')).toMatchObject([{ metadata: { tool_name: 'load_skill', tool_type: 'skill' } }]); // prettier-ignore
  });

  it('uses tools in text with a model that can not call functions', async () => {
    const { sessionId, marker } = await investigate('text', (mark) => [
      { text: `Thought: I ask.\nAction: everything.echo\nAction Input: {"message": "hello ${mark}"}\nObservation: no` },
      { text: `Thought: Clear.\nFinal Answer: It said hello. ${mark}` },
      { text: 'Summary.' },
    ]);
    expect(await system.finished(sessionId)).toMatchObject({ final_analysis: `It said hello. ${marker}` });
    const second = model.requestsOf(marker)[1]!.body;
    expect(second.tools).toBeUndefined();
    expect(second.messages.at(-1)).toMatchObject({
      role: 'user',
      content: expect.stringMatching(/^Observation:[^]*hello/),
    });
  });

  it('reads a summary in place of a long result, and people see it', async () => {
    const mark = `case-${randomUUID()}`;
    model.script({
      name: `${mark}-summary`,
      matches: (body) => mentions(mark)(body) && mentions('RESULT_TO_CONDENSE_START')(body),
      turns: [{ text: 'It repeats one word.' }],
    });
    model.script({
      name: mark,
      matches: mentions(mark),
      turns: [echo(`${mark} ${'word '.repeat(200)}`), { text: `Words. ${mark}` }, { text: 'Summary.' }],
    });
    const sessionId = await submit('test', mark);
    expect(await system.finished(sessionId)).toMatchObject({ status: 'completed' });
    expect(toolTexts(model.requestsOf(mark)[1]!.body)[0]).toContain('It repeats one word.');
    const [summary] = await timeline(sessionId, 'mcp_tool_summary');
    expect(summary).toMatchObject({
      content: expect.stringContaining('It repeats one word.'),
      metadata: { server_name: 'everything', tool_name: 'echo', summarization_model: 'scripted-model' },
    });
  });

  it('goes on when its conversation comes near the window of the model', async () => {
    const mark = `case-${randomUUID()}`;
    model.script({
      name: `${mark}-summary`,
      matches: (body) => mentions(mark)(body) && mentions('RESULT_TO_CONDENSE_START')(body),
      // Long enough to fill the window again and again.
      turns: (_body, index) => ({ text: `${index} ${'x'.repeat(1_400)}` }),
    });
    const looks = Array.from({ length: 8 }, (_, index) => echo(`${mark} ${index} ${'word '.repeat(400)}`));
    model.script({
      name: mark,
      matches: mentions(mark),
      turns: [...looks, { text: `Done. ${mark}` }, { text: 'Sum.' }],
    });
    const sessionId = await submit('small', mark);
    expect(await system.finished(sessionId)).toMatchObject({ status: 'completed', final_analysis: `Done. ${mark}` });
    const summaries = await timeline(sessionId, 'mcp_tool_summary', 9);
    expect(summaries.some(({ metadata }) => metadata?.['reason'] === 'context')).toBe(true);
    const sizes = model
      .requestsOf(mark)
      .map(({ body }) => body.messages.reduce((sum, { content }) => sum + (content?.length ?? 0) / 4, 0));
    expect(Math.max(...sizes)).toBeLessThan(6_000);
  });

  it('takes guidance of a person into account, who is named on the timeline', async () => {
    const gate = Promise.withResolvers<void>();
    const { sessionId, marker } = await investigate('test', (mark) => [
      { text: `It is the disk. ${mark}`, beforeAnswer: gate.promise },
      { text: `It is the network. ${mark}` },
      { text: 'Summary.' },
    ]);
    await model.request(marker, 1);
    const url = `${system.url('stream-gateway')}/api/v1/sessions/${sessionId}/guidance`;
    const headers = { 'content-type': 'application/json', 'x-forwarded-user': 'ann' };
    const answer = await fetch(url, { method: 'POST', headers, body: '{"content":"Look at the network."}' });
    expect(answer.status).toBe(202);
    gate.resolve();
    expect(await system.finished(sessionId)).toMatchObject({ final_analysis: `It is the network. ${marker}` });
    expect(await timeline(sessionId, 'guidance_received')).toMatchObject([
      { content: 'Look at the network.', metadata: { author: 'ann' } },
    ]);
    expect((await fetch(url, { method: 'POST', headers, body: '{"content":"Too late."}' })).status).toBe(409);
  });
});

/** Scripts sub-agents by their task and how many answers their conversation holds, and the orchestrator by its whole conversation. */
function scriptTree(
  children: Readonly<Record<string, readonly ModelTurn[]>>,
  lead: (body: ChatRequestBody, mark: string) => ModelTurn,
): string {
  const mark = `case-${randomUUID()}`;
  const isSubAgent = mentions('You are a sub-agent.');
  for (const [name, turns] of Object.entries(children))
    model.script({
      name: `${mark}-${name}`,
      matches: (body) => isSubAgent(body) && mentions(`${mark}-${name}`)(body),
      turns: (body) => turns[answersIn(body)]!,
    });
  model.script({
    name: mark,
    matches: mentions(mark),
    turns: (body) => (body.tools ? lead(body, mark) : { text: 'In short.' }),
  });
  return mark;
}

const answersIn = ({ messages }: ChatRequestBody): number => messages.filter(({ role }) => role === 'assistant').length;
const resultsIn = ({ messages }: ChatRequestBody): number =>
  messages.filter(({ role, content }) => role === 'user' && content?.startsWith('[Sub-agent ')).length;
/** Dispatches, waits for every result, and ends with a text that names the case. */
const leading =
  (...tasks: string[]) =>
  (body: ChatRequestBody, mark: string): ModelTurn => {
    if (answersIn(body) === 0) return dispatch(...tasks.map((task) => `read ${mark}-${task}`));
    return resultsIn(body) < tasks.length ? { text: 'I wait.' } : { text: `All is clean. ${mark}` };
  };
const dispatch = (...tasks: string[]): ModelTurn => ({
  toolCalls: tasks.map((task) => ({ name: 'dispatch_agent', arguments: { name: 'Reader', task } })),
});

interface SubAgent {
  readonly execution_id: string;
  readonly status: string;
  readonly agent_name: string;
}
interface Tree {
  readonly status: string;
  readonly stages: { executions: { status: string; sub_agents?: SubAgent[] }[] }[]; // prettier-ignore
}
const subAgentsOf = async (sessionId: string): Promise<SubAgent[]> =>
  (await system.get<Tree>(`/sessions/${sessionId}`)).stages[0]!.executions[0]!.sub_agents ?? [];

/** Until somebody has told the execution something. */
async function untilMailed(executionId: string): Promise<void> {
  const database = new pg.Client({ connectionString: system.databaseUrl });
  await database.connect();
  const mailbox = 'SELECT jsonb_array_length(mailbox) AS letters FROM agent_executions WHERE id = $1';
  await system.eventually(
    async () => (await database.query<{ letters: number }>(mailbox, [executionId])).rows[0]?.letters,
    (letters) => letters === 1,
  );
  await database.end();
}

/** The only worker at work; the parked parent keeps none busy. */
async function busyWorker(): Promise<Replica> {
  return await system
    .eventually(
      async () => {
        const busy: Replica[] = [];
        for (const replica of system.replicas.filter(({ app }) => app === 'agent-worker')) {
          const metrics = await fetch(`http://127.0.0.1:${replica.port}/metrics`).then((response) => response.text());
          if (/^tarsy_workers_active(\{[^}]*\})? [1-9]/m.test(metrics)) busy.push(replica);
        }
        return busy;
      },
      ({ length }) => length === 1,
    )
    .then(([replica]) => replica!);
}

describe('an orchestrator', () => {
  it('has sub-agents work in parallel, one of which fails, and then in a second phase', async () => {
    const mark = scriptTree(
      {
        a: [echo('a'), { text: 'A says: clean.' }],
        b: [{ error: { status: 401 } }],
        c: [{ text: 'C says: the disk.' }],
      },
      (body, marker) => {
        const results = resultsIn(body);
        if (toolTexts(body).length === 0) return dispatch(`read ${marker}-a`, `read ${marker}-b`);
        if (results === 2 && toolTexts(body).length === 2) return dispatch(`read ${marker}-c`);
        return results < 3 ? { text: 'I wait.' } : { text: `It is the disk. ${marker}` };
      },
    );
    const sessionId = await submit('orchestrated', mark);
    const session = await system.finished(sessionId);
    expect(session).toMatchObject({ status: 'completed' });
    expect((await subAgentsOf(sessionId)).map(({ status }) => status)).toEqual(['completed', 'failed', 'completed']);
    const tasks = await timeline(sessionId, 'task_assigned', 3);
    expect(tasks.map(({ content }) => content).sort()).toEqual(['a', 'b', 'c'].map((name) => `read ${mark}-${name}`));
    const last = model.requestsOf(mark).filter(({ body }) => body.tools).at(-1)!.body.messages.map(({ content }) => content).join('\n'); // prettier-ignore
    for (const text of ['A says: clean.', '[Sub-agent failed] Reader', 'C says: the disk.'])
      expect(last).toContain(text);
  });

  it('steers a running sub-agent, which takes it into account, and stops another', async () => {
    const gate = Promise.withResolvers<void>();
    const mark = scriptTree(
      {
        a: [{ text: 'A says: the disk.', beforeAnswer: gate.promise }, { text: 'A says: the disk, since noon.' }],
        b: [{ text: 'never', beforeAnswer: new Promise(() => undefined) }],
      },
      (body, marker) => {
        const [first, second] = toolTexts(body).flatMap(
          (text) => /"execution_id":"([\w-]+)"/.exec(text ?? '')?.[1] ?? [],
        );
        if (first === undefined) return dispatch(`read ${marker}-a`, `read ${marker}-b`);
        if (toolTexts(body).length === 2)
          return {
            toolCalls: [
              { name: 'steer_agent', arguments: { execution_id: first, message: 'Say since when.' } },
              { name: 'cancel_agent', arguments: { execution_id: second } },
            ],
          };
        return resultsIn(body) < 2 ? { text: 'I wait.' } : { text: `It is the disk, since noon. ${marker}` };
      },
    );
    const sessionId = await submit('orchestrated', mark);
    await Promise.all([model.request(`${mark}-a`, 1), model.request(`${mark}-b`, 1)]);
    // The second one is stopped while it calls the model; the first one reads its mail once it has its answer.
    const children = await system.eventually(
      () => subAgentsOf(sessionId),
      (agents) => agents.some(({ status }) => status === 'cancelled'),
    );
    expect(children.map(({ status }) => status)).toEqual(['active', 'cancelled']);
    await untilMailed(children[0]!.execution_id);
    gate.resolve();
    expect(await system.finished(sessionId)).toMatchObject({ status: 'completed', final_analysis: `It is the disk, since noon. ${mark}` }); // prettier-ignore
    const steered = model.requestsOf(`${mark}-a`)[1]!.body.messages.at(-1)!;
    expect(steered).toMatchObject({ role: 'user', content: expect.stringContaining('Say since when.') });
    expect(await timeline(sessionId, 'guidance_received')).toMatchObject([
      { execution_id: children[0]!.execution_id, content: 'Say since when.', metadata: { author: 'Lead' } },
    ]);
    const last = model.requestsOf(mark).filter(({ body }) => body.tools).at(-1)!.body.messages.map(({ content }) => content).join('\n'); // prettier-ignore
    for (const text of ['A says: the disk, since noon.', '[Sub-agent cancelled] Reader']) expect(last).toContain(text);
    const tools = (await timeline(sessionId, 'llm_tool_call', 4)).map(({ metadata }) => [metadata?.['tool_name'], metadata?.['tool_type']]); // prettier-ignore
    expect(tools.sort()).toEqual([
      ['cancel_agent', 'orchestrator'],
      ['dispatch_agent', 'orchestrator'],
      ['dispatch_agent', 'orchestrator'],
      ['steer_agent', 'orchestrator'],
    ]);
  });

  it('survives the death of the worker that runs its sub-agent while it is parked, and pays for nothing twice', async () => {
    const gate = Promise.withResolvers<void>();
    const mark = scriptTree({ a: [echo('a'), { text: 'A says: clean.', beforeAnswer: gate.promise }] }, leading('a'));
    const sessionId = await submit('orchestrated', mark);
    await model.request(`${mark}-a`, 2);
    await model.request(mark, 2);
    const replica = await busyWorker();
    await system.kill(replica);
    await model.request(`${mark}-a`, 3);
    gate.resolve();
    expect(await system.finished(sessionId)).toMatchObject({ status: 'completed', final_analysis: `All is clean. ${mark}` }); // prettier-ignore
    await system.restart(replica);
    expect(model.requestsOf(mark).filter(({ body }) => body.tools)).toHaveLength(3);
    expect(model.requestsOf(`${mark}-a`).filter(({ body }) => answersIn(body) === 0)).toHaveLength(1);
    expect((await subAgentsOf(sessionId)).map(({ status }) => status)).toEqual(['completed']);
  });

  it('takes its sub-agents with it when the session is cancelled', async () => {
    const gate = Promise.withResolvers<void>();
    const mark = scriptTree({ a: [{ text: 'never', beforeAnswer: gate.promise }] }, leading('a'));
    const sessionId = await submit('orchestrated', mark);
    const request = await model.request(`${mark}-a`, 1);
    await model.request(mark, 2);
    const url = `${system.url('stream-gateway')}/api/v1/sessions/${sessionId}/cancel`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(200);
    expect(await system.finished(sessionId)).toMatchObject({ status: 'cancelled' });
    await request.closed;
    expect(request.isAborted).toBe(true);
    gate.resolve();
    expect((await subAgentsOf(sessionId)).map(({ status }) => status)).toEqual(['cancelled']);
  });
});
