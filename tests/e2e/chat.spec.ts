import { fileURLToPath } from 'node:url';
import { mentions, startModelServer, type ChatRequestBody, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { Messaging, SessionLog } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runStatement } from '../../tools/cli/src/servers/sql.js';
import { answered, ask, postQuestion } from './chat.js';
import { calling } from './scripted-system.js';
import { TestSystem } from './system.js';

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));

let model: ModelServer;
let system: TestSystem;

beforeAll(async () => {
  model = await startModelServer();
  system = await TestSystem.start('chat', {
    tarsyYaml: `
queue: { max_concurrent_sessions: 1 }
defaults: { llm_provider: scripted, alert_type: test }
mcp_servers:
  everything: { transport: { type: stdio, command: "${process.execPath}", args: ["${EVERYTHING}", "stdio"] } }
agents:
  Investigator: { mcp_servers: [everything] }
  Reader: { description: "Reads logs", mcp_servers: [everything] }
agent_chains:
  one:
    alert_types: [test]
    stages: [{ name: look, agents: [{ name: Investigator }] }]
    chat: { enabled: true, agent: ChatAgent, sub_agents: [Reader], max_iterations: 3 }
  quiet:
    alert_types: [quiet]
    stages: [{ name: look, agents: [{ name: Investigator }] }]
    chat: { enabled: false, agent: ChatAgent }
`,
    providersYaml: `llm_providers: { scripted: { type: openai, model: scripted-model, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY } }`,
    workerEnvironment: { E2E_MODEL_KEY: 'e2e-model-key-1234567890' },
  });
});
afterAll(async () => {
  await system.stop();
  await model.close();
});

/** A session that has ended; requests that carry a question are answered by `answer`. */
async function investigated(
  answer: (body: ChatRequestBody) => ModelTurn = () => ({ text: 'The one at /.' }),
  alertType = 'test',
): Promise<string> {
  const marker = `case-${randomUUID()}`;
  const isChat = ({ messages }: ChatRequestBody): boolean => messages.some(({ content }) => content?.includes('## Current Question')); // prettier-ignore
  const turns = (body: ChatRequestBody): ModelTurn => (isChat(body) ? answer(body) : { text: `The disk is full. ${marker}` }); // prettier-ignore
  model.script({ name: marker, matches: mentions(marker), turns });
  const { body } = await system.submit({ data: `Something is wrong: ${marker}`, alert_type: alertType });
  const sessionId = String(body['session_id']);
  expect(await system.finished(sessionId)).toMatchObject({ status: 'completed' });
  return sessionId;
}

interface Recorded {
  readonly event_type: string;
  readonly stage_id: string;
}
/** Lets a session have ended days ago: its log was purged. */
async function longAgo(sessionId: string): Promise<void> {
  await runStatement(system.databaseUrl, `UPDATE alert_sessions SET completed_at = now() - interval '9 days' WHERE id = '${sessionId}'`); // prettier-ignore
  const options = { url: system.servers.natsUrl, namespace: system.namespace, clientName: 'retention' };
  const messaging = await Messaging.connect(options, createSilentLogger());
  await new SessionLog(messaging).purge(sessionId);
  await messaging.close();
}

const resultsIn = ({ messages }: ChatRequestBody): number => messages.filter(({ role }) => role === 'tool').length;
const cancel = (sessionId: string): Promise<Response> => fetch(`${system.url('stream-gateway')}/api/v1/sessions/${sessionId}/cancel`, { method: 'POST' }); // prettier-ignore

describe('a question about a finished session', () => {
  it('is answered live, with the question first and the session unchanged', async () => {
    const sessionId = await investigated(({ messages }) =>
      resultsIn({ messages } as ChatRequestBody) === 0 ? calling('echo', { message: 'df' }) : { text: 'The one at /.' },
    );
    const { stage_id, chat_id } = await ask(system, sessionId, 'Which disk?');
    const isEnd = (data: Record<string, unknown>): boolean => data['type'] === 'stage.status' && data['stage_id'] === stage_id && data['status'] === 'completed'; // prettier-ignore
    const events = (await system.watch(sessionId, ({ data }) => isEnd(data))).map(({ data }) => data);
    const own = events.slice(events.findIndex((data) => data['stage_id'] === stage_id));
    expect(own[0]).toMatchObject({ type: 'stage.status', stage_type: 'chat', status: 'started' });
    expect(own).toContainEqual(expect.objectContaining({ type: 'chat.created', chat_id, created_by: 'ann' }));
    const told = own.filter(({ type }) => type === 'timeline_event.created').map(({ event_type: type }) => type);
    expect(told.at(0)).toBe('user_question');
    expect(told).toContain('llm_tool_call');
    expect(told.at(-1)).toBe('final_analysis');
    expect(own.filter(({ type }) => type === 'session.status' || type === 'session.progress')).toEqual([]);
    const isOwn = (event: Recorded): boolean => event.stage_id === stage_id && ['user_question', 'final_analysis'].includes(event.event_type); // prettier-ignore
    const recorded = await system.eventually(
      async () => (await system.get<Recorded[]>(`/sessions/${sessionId}/timeline`)).filter(isOwn),
      ({ length }) => length === 2,
    );
    expect(recorded).toMatchObject([
      { event_type: 'user_question', content: 'Which disk?', metadata: { author: 'ann' } },
      { event_type: 'final_analysis', content: 'The one at /.' },
    ]);
  });

  it('may be answered with the help of sub-agents, and at its limit with what there is', async () => {
    const sessionId = await investigated((body) => {
      if ((body.tools ?? []).length === 0) return { text: 'Concluded.' };
      if (body.messages.some(({ content }) => content?.includes('Read: clean.'))) return calling('echo', { message: 'more' }); // prettier-ignore
      if (resultsIn(body) > 0) return { text: 'I wait for the reader.' };
      return { toolCalls: [{ name: 'dispatch_agent', arguments: { name: 'Reader', task: `read ${sub}` } }] };
    });
    const { stage_id } = await ask(system, sessionId, 'Are the logs clean?');
    const stage = await answered(system, sessionId, stage_id);
    expect(stage).toMatchObject({ status: 'completed', chat_message: { answer: 'Concluded.' } });
    expect(stage.executions![0]!.sub_agents).toMatchObject([{ agent_name: 'Reader', status: 'completed' }]);
  });
  const sub = `sub-${randomUUID()}`;
  beforeAll(() => {
    const isReader = ({ messages }: ChatRequestBody): boolean => messages.some(({ role, content }) => role === 'user' && content === `## Task\nread ${sub}`); // prettier-ignore
    model.script({ name: sub, matches: isReader, turns: () => ({ text: 'Read: clean.' }) });
  });

  it('waits for no slot, is the only one at a time, and can be cancelled', async () => {
    const until = Promise.withResolvers<void>();
    const sessionId = await investigated(() => ({ text: 'One. Two. Three.', pieces: 3, gate: { afterChunks: 1, until: until.promise } })); // prettier-ignore
    const first = await ask(system, sessionId, 'Which disk?');
    const busy = await postQuestion(system, sessionId, 'And why?');
    expect(busy.status).toBe(409);
    expect(await busy.json()).toEqual({ message: 'an answer is already being written' });
    await investigated();
    expect((await cancel(sessionId)).status).toBe(200);
    const stage = await answered(system, sessionId, first.stage_id);
    expect(stage).toMatchObject({ status: 'cancelled', chat_message: { content: 'Which disk?', answer: null } });
    expect((await cancel(sessionId)).status).toBe(409);
    until.resolve();
    const second = await ask(system, sessionId, 'Which disk?');
    expect(await answered(system, sessionId, second.stage_id)).toMatchObject({ chat_message: { answer: 'One. Two. Three.' } }); // prettier-ignore
    expect(await system.get(`/sessions/${sessionId}`)).toMatchObject({ status: 'completed', chat_message_count: 2 });
  });

  it('is answered when the log of the session is long gone', async () => {
    const questions: string[] = [];
    const sessionId = await investigated(({ messages }) => {
      questions.push(messages.map(({ content }) => content).join('\n'));
      return { text: 'Still the one at /.' };
    });
    await system.eventually(
      () => system.get<Recorded[]>(`/sessions/${sessionId}/timeline`),
      (all) => all.some(({ event_type }) => event_type === 'final_analysis'),
    );
    await longAgo(sessionId);
    const { stage_id } = await ask(system, sessionId, 'Which disk?');
    expect(await answered(system, sessionId, stage_id)).toMatchObject({ chat_message: { answer: 'Still the one at /.' } }); // prettier-ignore
    expect(questions[0]).toContain('Response: The disk is full.');
  });

  it('is refused where there is no chat and no session', async () => {
    const sessionId = await investigated(undefined, 'quiet');
    expect(await system.get(`/sessions/${sessionId}`)).toMatchObject({ chat_enabled: false, chat_id: null });
    expect((await postQuestion(system, sessionId, 'Why?')).status).toBe(400);
    expect((await postQuestion(system, randomUUID(), 'Why?')).status).toBe(404);
    expect((await postQuestion(system, sessionId, ' ')).status).toBe(400);
  });
});
