import { newId } from '@tarsy/core';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import {
  LONGEST_CALL_MS,
  MOST_FAILURES,
  WINDOW_MS,
  type Admission,
  type LimitStore,
  type ProviderLimits,
} from '../../../apps/agent-worker/src/models/limits/limit-store.js';
import { LocalLimitStore } from '../../../apps/agent-worker/src/models/limits/local-limit-store.js';
import { RedisLimitStore } from '../../../apps/agent-worker/src/models/limits/redis-limit-store.js';
import { required } from '../../test-servers.js';
import { eventually } from './fixture.js';

const redis = new Redis(required('REDIS_URL'));
afterAll(() => redis.disconnect());

/** Both kinds keep the same promises; the local one with a clock of its own. */
const STORES: readonly (readonly [string, () => LimitStore])[] = [
  ['this process', () => new LocalLimitStore({ nowMs: () => Date.now() })],
  ['all workers', () => new RedisLimitStore(redis, `test-${newId()}`)],
];

describe.each(STORES)('limits of %s', (_kind, makeStore) => {
  const claim = (callId: string, limits: ProviderLimits, estimatedTokens = 10): Parameters<LimitStore['admit']>[0] => ({ provider: 'p', callId, limits, estimatedTokens }); // prettier-ignore
  const admitted = { kind: 'admitted' };
  const waitIn = (admission: Admission): number => (admission.kind === 'busy' ? admission.waitMs : 0);

  it('let no more calls pass in a minute, and say when the next may', async () => {
    const store = makeStore();
    const limits = { requestsPerMinute: 3 };
    for (const call of ['a', 'b', 'c']) {
      expect(await store.admit(claim(call, limits))).toEqual(admitted);
      await store.settle(claim(call, limits), 5);
    }
    const refused = await store.admit(claim('d', limits));
    expect(refused).toMatchObject({ kind: 'busy', reason: 'own-limit' });
    expect(waitIn(refused)).toBeGreaterThan(WINDOW_MS - 5_000);
    expect(waitIn(refused)).toBeLessThanOrEqual(WINDOW_MS);
    expect(await store.admit({ ...claim('e', limits), provider: 'another' })).toEqual(admitted);
  });

  it('count the tokens that calls really used', async () => {
    const store = makeStore();
    const limits = { tokensPerMinute: 100 };
    expect(await store.admit(claim('a', limits, 60))).toEqual(admitted);
    expect(await store.admit(claim('b', limits, 60))).toMatchObject({ kind: 'busy' });
    await store.settle(claim('a', limits, 60), 20);
    expect(await store.admit(claim('b', limits, 60))).toEqual(admitted);
    await store.settle(claim('b', limits, 60), 90);
    expect(await store.admit(claim('c', limits, 5))).toMatchObject({ kind: 'busy' });
  });

  it('let a call pass that alone is over the limit, when there is no other', async () => {
    const store = makeStore();
    expect(await store.admit(claim('a', { tokensPerMinute: 100 }, 5_000))).toEqual(admitted);
  });

  it('give places back, and let as many calls run at the same time', async () => {
    const store = makeStore();
    const limits = { concurrentRequests: 2 };
    expect(await store.admit(claim('a', limits))).toEqual(admitted);
    expect(await store.admit(claim('b', limits))).toEqual(admitted);
    expect(waitIn(await store.admit(claim('c', limits)))).toBeLessThan(LONGEST_CALL_MS);
    await store.settle(claim('a', limits), undefined);
    expect(await store.admit(claim('c', limits))).toEqual(admitted);
  });

  it('keep everybody away from a provider for as long as it asks', async () => {
    const store = makeStore();
    await store.block('p', 20_000, 'vendor-limit');
    const refused = await store.admit(claim('a', {}));
    expect(refused).toMatchObject({ kind: 'busy', reason: 'vendor-limit' });
    expect(waitIn(refused)).toBeGreaterThan(10_000);
    const soon = makeStore();
    await soon.block('p', 30, 'vendor-limit');
    await eventually(async () => (await soon.admit(claim('a', {}))).kind === 'admitted');
  });

  it('let a provider rest that fails again and again, and forget failures after a success', async () => {
    const store = makeStore();
    const fail = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await store.failed('p');
    };
    await fail(MOST_FAILURES - 1);
    await store.succeeded('p');
    await fail(MOST_FAILURES - 1);
    expect(await store.admit(claim('a', {}))).toEqual(admitted);
    await fail(1);
    expect(await store.admit(claim('b', {}))).toMatchObject({ kind: 'busy', reason: 'circuit-open' });
  });
});

it('limits of all workers hold for claims made at the same instant by several of them', async () => {
  const namespace = `test-${newId()}`;
  const connections = [new Redis(required('REDIS_URL')), new Redis(required('REDIS_URL')), redis];
  const stores = connections.map((connection) => new RedisLimitStore(connection, namespace));
  const limits = { requestsPerMinute: 60 };
  const admissions = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      stores[index % 3]!.admit({ provider: 'p', callId: `${index}`, limits, estimatedTokens: 1 }),
    ),
  );
  expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(60);
  for (const connection of connections.slice(0, 2)) connection.disconnect();
});
