import { cancelExecution, resumeSession, subjects, type CommandReply, type MessageDefinition } from '@tarsy/contracts';
import { ConsumerHost, type RunningConsumer } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { GatewayFixture } from './fixture.js';

const gateway = new GatewayFixture();
const SESSION_ID = randomUUID();
const EXECUTION_ID = randomUUID();

let consumer: RunningConsumer | undefined;
afterEach(() => consumer?.stop());

/** Plays chain-runner for one request. */
async function post<Schema extends z.ZodType>(
  path: string,
  definition: MessageDefinition<Schema>,
  subject: string,
  reply: CommandReply,
): Promise<{ status: number; body: unknown; seen: unknown[] }> {
  const seen: unknown[] = [];
  consumer = await new ConsumerHost(gateway.messaging).consume(
    definition,
    { durable: 'chain-runner', filterSubjects: [subject] },
    async (command) => {
      seen.push(command);
      gateway.messaging.reply((command as { replyTo: string }).replyTo, reply);
    },
  );
  const response = await fetch(`${gateway.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'x-forwarded-user': 'ann' },
  });
  await consumer.stop();
  return { status: response.status, body: await response.json(), seen };
}

const resume = (reply: CommandReply, prefix = ''): ReturnType<typeof post> =>
  post(`${prefix}/sessions/${SESSION_ID}/resume`, resumeSession, subjects.command('resume-session'), reply);
const conflict = { kind: 'conflict', message: 'session is completed, not paused' } as const;

describe('resuming a paused session', () => {
  it.each(['', '/history'])('is accepted at %s/sessions/{id}/resume', async (prefix) => {
    const { status, body, seen } = await resume({ kind: 'accepted' }, prefix);
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, session_id: SESSION_ID, status: 'resuming' });
    expect(seen).toMatchObject([{ sessionId: SESSION_ID, requestedBy: 'ann' }]);
  });

  it('answers 404 for an unknown one', async () => {
    expect((await resume({ kind: 'not_found' })).status).toBe(404);
  });

  it('answers 409 when it is not paused, and 400 at the path of the earlier generation', async () => {
    expect(await resume(conflict)).toMatchObject({ status: 409, body: { message: conflict.message } });
    expect(await resume(conflict, '/history')).toMatchObject({ status: 400, body: { message: conflict.message } });
  });
});

describe('giving up one paused agent', () => {
  it.each([
    `/sessions/${SESSION_ID}/executions/${EXECUTION_ID}/cancel`,
    `/history/sessions/${SESSION_ID}/stages/${EXECUTION_ID}/cancel`,
  ])('is accepted at %s', async (path) => {
    const subject = subjects.command('cancel-execution');
    const { status, seen } = await post(path, cancelExecution, subject, { kind: 'accepted' });
    expect(status).toBe(200);
    expect(seen).toMatchObject([{ sessionId: SESSION_ID, executionId: EXECUTION_ID, requestedBy: 'ann' }]);
  });
});
