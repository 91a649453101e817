import type { Messaging } from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { TaskScheduled } from '@tarsy/contracts';
import { SharedRunbooks, type RunbookSource } from '../../../apps/agent-worker/src/runbooks/shared-runbooks.js';
import { useWorkers } from './fixture.js';
import { required } from '../../test-servers.js';
import { useCountedServer } from '../counted-server.js';

const fixture = useWorkers();
const server = useCountedServer('Look for deleted files that are open.');

/** An address of its own each time, so that no text of an earlier test is found. */
const sourceOf = (allowedDomains: string[]): RunbookSource => ({
  url: `http://localhost:${server.port}/${randomUUID()}.md`,
  allowedDomains,
  allowPrivateAddresses: true,
  cacheTtlMs: 60_000,
  tokenEnv: 'GITHUB_TOKEN',
});

async function promptWith(changes: Partial<TaskScheduled>): Promise<string> {
  const task = fixture.task([{ text: 'Done.' }], changes);
  await fixture.schedule(task);
  expect(await fixture.outcomeOf(task)).toMatchObject({ status: 'completed' });
  return fixture.model.requestsOf(task.executionId)[0]!.body.messages[1]!.content!;
}

describe('the runbook of an alert', () => {
  it('is in the prompt, and kept for all workers through Redis', async () => {
    const changes = { runbook: 'Ask somebody.', runbookSource: sourceOf(['localhost']) };
    for (const replica of ['w1', 'w2']) {
      const worker = await fixture.startWorker(replica);
      const prompt = await promptWith(changes);
      expect(prompt).toContain('<!-- RUNBOOK_START -->\nLook for deleted files that are open.\n<!-- RUNBOOK_END -->');
      expect(prompt).not.toContain('Ask somebody.');
      await worker.stop();
    }
    expect(server.requests).toBe(1);
  });

  it('is kept by each worker for itself while Redis is away', async () => {
    await fixture.startWorker('w1', 200, 'default', 'redis://127.0.0.1:1');
    const runbookSource = sourceOf(['localhost']);
    for (let times = 0; times < 2; times++) expect(await promptWith({ runbookSource })).toContain('deleted files');
    expect(server.requests).toBe(1);
  });

  it('gives way to the default one when it can not be fetched, until it can', async () => {
    await fixture.startWorker('w1');
    const runbookSource = sourceOf(['localhost']);
    server.isDown = true;
    expect(await promptWith({ runbook: 'Ask somebody.', runbookSource })).toContain('RUNBOOK_START -->\nAsk somebody.');
    expect(await promptWith({ runbookSource })).toContain('No runbook is available.');
    server.isDown = false;
    expect(await promptWith({ runbook: 'Ask somebody.', runbookSource })).toContain('deleted files');
  });

  it('is not read from where it must not be, also when it is known already', async () => {
    await fixture.startWorker('w1');
    const runbookSource = sourceOf(['localhost']);
    expect(await promptWith({ runbookSource })).toContain('deleted files');
    const stricter = { ...runbookSource, allowedDomains: ['github.com'] };
    expect(await promptWith({ runbookSource: stricter })).toContain('No runbook is available.');
    const inside = { ...runbookSource, allowPrivateAddresses: false };
    expect(await promptWith({ runbookSource: inside })).toContain('No runbook is available.');
  });
});

describe(SharedRunbooks.name, () => {
  const redisUrl = required('REDIS_URL');
  const namespace = `test-${randomUUID()}`;
  const redis = new Redis(redisUrl);
  const config = { slots: 1, pool: 'default', redisUrl, modelEnvironment: {} };
  const shared = new SharedRunbooks(config, { namespace } as Messaging, createSilentLogger());
  afterAll(() => {
    shared.onApplicationShutdown();
    redis.disconnect();
  });

  it('takes texts up to a length, and the newest 200 of them', async () => {
    const source = sourceOf(['localhost']);
    expect(await shared.put(source, 'x'.repeat(256 * 1024 + 1))).toBe(false);
    expect(await shared.get(source)).toBeUndefined();
    const sources = Array.from({ length: 205 }, () => sourceOf(['localhost']));
    for (const [index, each] of sources.entries())
      expect(await shared.put({ ...each, cacheTtlMs: 60_000 + index * 1_000 }, `text ${index}`)).toBe(true);
    const texts = await Promise.all(sources.map((each) => shared.get(each)));
    expect(texts.slice(0, 5)).toEqual(Array(5).fill(undefined));
    expect(texts.slice(5)).toEqual(sources.slice(5).map((_, index) => `text ${index + 5}`));
    const keys = await redis.keys(`${namespace}:*`);
    expect(keys).toHaveLength(201);
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });
});
