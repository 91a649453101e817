import { chatMessage, subjects, type ChatMessage, type ChatReply } from '@tarsy/contracts';
import { ConsumerHost, type RunningConsumer } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayFixture } from './fixture.js';

const gateway = new GatewayFixture();
const SESSION_ID = randomUUID();
const seen: ChatMessage[] = [];
let consumer: RunningConsumer | undefined;
afterEach(async () => {
  await consumer?.stop();
  consumer = undefined;
  seen.length = 0;
});

/** Plays chain-runner. */
async function answering(reply: ChatReply): Promise<void> {
  const options = { durable: 'chain-runner', filterSubjects: [subjects.command('chat-message')] };
  consumer = await new ConsumerHost(gateway.messaging).consume(chatMessage, options, (command) => {
    seen.push(command);
    gateway.messaging.reply(command.replyTo!, reply);
    return Promise.resolve();
  });
}

const ask = (body: unknown, sessionId: string = SESSION_ID): Promise<Response> =>
  fetch(`${gateway.url}/api/v1/sessions/${sessionId}/chat/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-user': 'ann' },
    body: JSON.stringify(body),
  });

describe('asking about a session', () => {
  it('answers 202 with the ids of chat, question and stage, and says who asked', async () => {
    const [chatId, messageId, stageId] = [randomUUID(), randomUUID(), randomUUID()];
    await answering({ kind: 'accepted', chatId, messageId, stageId });
    const response = await ask({ content: ' Which disk?\n' });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ chat_id: chatId, message_id: messageId, stage_id: stageId });
    expect(seen).toMatchObject([{ sessionId: SESSION_ID, requestedBy: 'ann', content: ' Which disk?\n' }]);
  });

  it.each<[ChatReply, number, string]>([
    [{ kind: 'conflict', message: 'an answer is already being written' }, 409, 'an answer is already being written'],
    [{ kind: 'refused', message: 'chat is switched off' }, 400, 'chat is switched off'],
    [{ kind: 'not_found' }, 404, 'resource not found'],
  ])('answers as chain-runner says: %j', async (reply, status, message) => {
    await answering(reply);
    const response = await ask({ content: 'x' });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ message });
  });

  it('answers 400 where the session is only just there', async () => {
    const sessionId = randomUUID();
    await gateway.storeSession(sessionId, 'pending');
    await answering({ kind: 'not_found' });
    const response = await ask({ content: 'x' }, sessionId);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('session is pending') });
  });

  it.each([
    [{}, 'content'],
    [{ content: '  ' }, 'content: must not be empty'],
    [{ content: 'ü'.repeat(50_001) }, 'content: must have at most 100000 bytes'],
    [[], 'body'],
  ])('refuses %j', async (body, message) => {
    const response = await ask(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) });
  });

  it('answers 404 for what is no session id', async () => {
    expect((await ask({ content: 'x' }, 'nobody')).status).toBe(404);
  });
});
