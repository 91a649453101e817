import { executionMailbox } from '@tarsy/contracts';
import { MessagePublisher } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrivateNats } from './private-nats.js';

let nats: PrivateNats;
beforeAll(async () => {
  nats = await PrivateNats.start('waiting');
});
afterAll(() => nats.stop());

describe('a service that may not create streams', () => {
  it('gives up with a retryable error that names the stream when nobody creates it', async () => {
    const worker = await nats.messagingOf('agent-worker');
    await expect(worker.ensureTopology(300)).rejects.toMatchObject({
      code: 'MESSAGING_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('may not create it') as string,
    });
  });

  it('takes them as they are when they are there, and asks for nothing it may not do', async () => {
    await (await nats.messagingOf('chain-runner')).ensureTopology();
    const before = nats.refusals().length;
    for (const app of ['ingest', 'agent-worker', 'mcp-broker', 'notifier', 'stream-gateway'] as const)
      await (await nats.messagingOf(app)).ensureTopology(0);
    expect(nats.refusals().slice(before)).toEqual([]);
  });

  it('learns at once that it may not publish something, and does not try again', async () => {
    const worker = await nats.messagingOf('agent-worker');
    const before = nats.refusals().length;
    const cancel = new MessagePublisher(worker).publish(executionMailbox, {
      type: 'cancel',
      sessionId: randomUUID(),
      executionId: randomUUID(),
      status: 'cancelled',
      reason: 'forged',
      at: new Date().toISOString(),
    });
    await expect(cancel).rejects.toMatchObject({ code: 'MESSAGE_REFUSED', retryable: false });
    expect(nats.refusals()).toHaveLength(before + 1);
  });
});
