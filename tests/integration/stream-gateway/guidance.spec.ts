import { guideSession, subjects, type CommandReply, type GuideSession } from '@tarsy/contracts';
import { ConsumerHost, type RunningConsumer } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayFixture } from './fixture.js';

const gateway = new GatewayFixture();
const SESSION_ID = randomUUID();
const seen: GuideSession[] = [];
let consumer: RunningConsumer | undefined;
afterEach(async () => {
  await consumer?.stop();
  consumer = undefined;
  seen.length = 0;
});

async function answering(reply: CommandReply): Promise<void> {
  const filterSubjects = [subjects.command('guide-session')];
  consumer = await new ConsumerHost(gateway.messaging).consume(guideSession, { durable: 'chain-runner', filterSubjects }, (command) => {
    seen.push(command);
    gateway.messaging.reply(command.replyTo!, reply);
    return Promise.resolve();
  }); // prettier-ignore
}

const guide = (body: unknown): Promise<Response> =>
  fetch(`${gateway.url}/api/v1/sessions/${SESSION_ID}/guidance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-user': 'ann' },
    body: JSON.stringify(body),
  });

describe('guiding a session', () => {
  it('answers 202 when chain-runner accepted it, and says who wrote it', async () => {
    await answering({ kind: 'accepted' });
    const executionId = randomUUID();
    const response = await guide({ content: ' Look at the network. ', execution_id: executionId });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ session_id: SESSION_ID, message: 'Guidance accepted' });
    expect((await guide({ content: 'All of you.' })).status).toBe(202);
    expect(seen).toMatchObject([
      { sessionId: SESSION_ID, author: 'ann', content: 'Look at the network.', executionId },
      { content: 'All of you.' },
    ]);
    expect(seen[1]!.executionId).toBeUndefined();
  });

  it('answers 404 and 409 as chain-runner says', async () => {
    await answering({ kind: 'conflict', message: 'session is completed: no agent is running' });
    const response = await guide({ content: 'x' });
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({ message: 'session is completed: no agent is running' });
    await consumer!.stop();
    await answering({ kind: 'not_found' });
    expect((await guide({ content: 'x' })).status).toBe(404);
  });

  it.each([
    [{}, 'content'],
    [{ content: '  ' }, 'content: must not be empty'],
    [{ content: 'ü'.repeat(10_001) }, 'content: must have at most 20000 bytes'],
    [{ content: 'x', execution_id: 'nobody' }, 'execution_id'],
    [[], 'body'],
  ])('refuses %j', async (body, message) => {
    const response = await guide(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) });
  });
});
