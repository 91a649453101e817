import { SessionLog } from '@tarsy/messaging';
import { mentions, type ChatRequestBody, type ModelTurn } from '@tarsy/testing';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answered, ask } from '../e2e/chat.js';
import { calling, ChaosSystem } from './chaos-system.js';

let chaos: ChaosSystem;

beforeAll(async () => {
  chaos = await ChaosSystem.start('answers', { replicas: { 'chain-runner': 2, 'agent-worker': 2, 'mcp-broker': 2 } });
});
afterEach(() => chaos.restartKilled());
afterAll(async () => {
  await chaos.stop();
});

const QUESTION = '## Current Question';
const isQuestion = ({ messages }: ChatRequestBody): boolean =>
  messages.some(({ content }) => content?.includes(QUESTION));
const answersIn = ({ messages }: ChatRequestBody): number => messages.filter(({ role }) => role === 'assistant').length;

/** A finished session; the steps answer a question about it, however often each is asked for. */
async function investigated(
  steps: (marker: string) => readonly ModelTurn[],
): Promise<{ sessionId: string; marker: string }> {
  const marker = `case-${randomUUID()}`;
  const turns = steps(marker);
  chaos.model.script({
    name: marker,
    matches: mentions(marker),
    turns: (body) => (isQuestion(body) ? turns[answersIn(body)]! : { text: `The disk is full. ${marker}` }),
  });
  const sessionId = await chaos.submit(marker);
  await chaos.system.finished(sessionId);
  return { sessionId, marker };
}

/** Requests for one step of the answer. */
const requestsOfStep = (marker: string, step: number): number =>
  chaos.model.requestsOf(marker).filter(({ body }) => isQuestion(body) && answersIn(body) === step).length;

const asked = (marker: string, step: number): Promise<number> =>
  chaos.system.eventually(
    () => Promise.resolve(requestsOfStep(marker, step)),
    (count) => count > 0,
  );

/** The answer is there, once, and the session is as it was; the next question is answered as well. */
async function sound(sessionId: string, stageId: string, answer: string): Promise<void> {
  expect(await answered(chaos.system, sessionId, stageId)).toMatchObject({ status: 'completed', chat_message: { answer } }); // prettier-ignore
  expect(await chaos.system.get(`/sessions/${sessionId}`)).toMatchObject({
    status: 'completed',
    chat_message_count: 1,
  });
  const conclusions = (await logOf(sessionId)).flatMap(
    (message) =>
    message.kind === 'journal' && message.entry.stageId === stageId && message.entry.type === 'concluded' ? [message] : [], // prettier-ignore
  );
  expect(conclusions).toHaveLength(1);
  const events = await chaos.system.eventually(
    () => chaos.system.get<{ stage_id: string; event_type: string; status: string }[]>(`/sessions/${sessionId}/timeline`), // prettier-ignore
    (all) => all.some(({ stage_id, event_type }) => stage_id === stageId && event_type === 'final_analysis'),
  );
  const types = events.filter(({ stage_id }) => stage_id === stageId).map(({ event_type }) => event_type);
  for (const type of ['user_question', 'final_analysis']) expect(types.filter((one) => one === type)).toHaveLength(1);
}

async function logOf(sessionId: string) {
  const log = new SessionLog(chaos.messaging);
  const last = await log.lastSequence(sessionId);
  const end = new AbortController();
  const messages = [];
  for await (const message of log.follow(sessionId, 0, end.signal)) {
    messages.push(message);
    if (message.sequence >= last) end.abort();
  }
  return messages;
}

describe('an answer to a question', () => {
  it('is finished by another agent-worker when the one that writes it is killed', async () => {
    const rest = Promise.withResolvers<void>();
    const { sessionId, marker } = await investigated((mark) => [
      calling({ tool: 'look', key: `${mark}-1` }),
      { text: 'Half of it. The other half.', pieces: 4, gate: { afterChunks: 2, until: rest.promise } },
    ]);
    const { stage_id } = await ask(chaos.system, sessionId, 'Which disk?');
    await asked(marker, 1);
    await chaos.kill(await chaos.busyWorker());
    rest.resolve();
    await sound(sessionId, stage_id, 'Half of it. The other half.');
    expect([requestsOfStep(marker, 0), requestsOfStep(marker, 1)]).toEqual([1, 2]);
    expect(chaos.toolRuns.of(`${marker}-1`)).toHaveLength(2);
  });

  it('is taken up when a chain-runner is back after all of them were killed', async () => {
    const rest = Promise.withResolvers<void>();
    const { sessionId, marker } = await investigated(() => [
      { text: 'Answered without a runner.', gate: { afterChunks: 1, until: rest.promise } },
    ]);
    const { stage_id } = await ask(chaos.system, sessionId, 'Which disk?');
    await asked(marker, 0);
    for (const number of [1, 2]) await chaos.kill(chaos.system.replica('chain-runner', number));
    rest.resolve();
    await chaos.restart(chaos.system.replica('chain-runner', 2));
    await sound(sessionId, stage_id, 'Answered without a runner.');
  });

  it('runs a tool that may not be repeated once, whichever mcp-broker is killed meanwhile', async () => {
    const { sessionId, marker } = await investigated((mark) => [
      calling({ tool: 'change', key: `${mark}-1`, hold: true }),
      { text: 'I must verify.' },
    ]);
    const { stage_id } = await ask(chaos.system, sessionId, 'Can you restart it?');
    const { pid } = await chaos.toolRuns.started(`${marker}-1`);
    const parent = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
    await chaos.kill(chaos.system.replicas.find(({ process: child }) => child.pid === parent)!);
    await sound(sessionId, stage_id, 'I must verify.');
    chaos.toolRuns.release(`${marker}-1`);
    expect(chaos.toolRuns.of(`${marker}-1`).filter(({ phase }) => phase === 'started')).toHaveLength(1);
  });

  it('is cancelled though no worker and no chain-runner lives when that is asked for', async () => {
    const { sessionId, marker } = await investigated(() => [
      { text: 'Never finished.', gate: { afterChunks: 1, until: new Promise(() => undefined) } },
    ]);
    const { stage_id } = await ask(chaos.system, sessionId, 'Which disk?');
    await asked(marker, 0);
    for (const app of ['agent-worker', 'chain-runner'] as const)
      for (const number of [1, 2]) await chaos.kill(chaos.system.replica(app, number));
    // Nobody confirms it in time, and it is stored all the same.
    const response = await fetch(`${chaos.system.url('stream-gateway')}/api/v1/sessions/${sessionId}/cancel`, { method: 'POST' }); // prettier-ignore
    expect(response.status).toBe(503);
    await chaos.restartKilled();
    expect(await answered(chaos.system, sessionId, stage_id)).toMatchObject({ status: 'cancelled' });
    expect(await chaos.system.get(`/sessions/${sessionId}`)).toMatchObject({ status: 'completed' });
  });
});
