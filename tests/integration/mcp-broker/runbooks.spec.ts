import { runbookLookup } from '@tarsy/contracts';
import { Lookups } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually, useBrokers, type BrokerSettings } from './fixture.js';
import { required } from '../../test-servers.js';
import { useCountedServer } from '../counted-server.js';

const fixture = useBrokers();
const RUNBOOK = 'https://github.com/acme/runbooks/blob/main/sre/disk.md';
const server = useCountedServer(
  JSON.stringify([{ type: 'file', name: 'disk.md', path: 'sre/disk.md', html_url: RUNBOOK }]),
);

/** A repository of its own each time, so that no listing of an earlier test is found. */
function settings(environment: BrokerSettings['environment'] = {}, ttl = '1h'): BrokerSettings {
  const githubApiUrl = `http://127.0.0.1:${server.port}`;
  const runbooks = { repo_url: `https://github.com/acme/${randomUUID()}/tree/main/sre`, cache_ttl: ttl };
  return { system: { runbooks }, environment: { githubApiUrl, ...environment } };
}

/** The server may hear of a broker that has just begun to answer a little later. */
const ask = async (): Promise<string[]> =>
  (await eventually(() => new Lookups(fixture.messaging).ask(runbookLookup, 20_000))).urls;

describe('the runbooks of the repository', () => {
  it('are listed once for all brokers, which share the listing through Redis', async () => {
    const same = settings({ redisUrl: required('REDIS_URL') });
    const first = await fixture.startBroker({}, 200, same);
    expect(await ask()).toEqual([RUNBOOK]);
    await first.stop();
    await fixture.startBroker({}, 200, same);
    expect(await ask()).toEqual([RUNBOOK]);
    expect(server.requests).toBe(1);
  });

  it.each([
    ['without Redis', undefined],
    ['while Redis is away', 'redis://127.0.0.1:1'],
  ])('are kept by each broker for itself %s', async (_, redisUrl) => {
    await fixture.startBroker({}, 200, settings({ redisUrl }));
    expect(await Promise.all([ask(), ask()])).toEqual([[RUNBOOK], [RUNBOOK]]);
    expect(await ask()).toEqual([RUNBOOK]);
    expect(server.requests).toBe(1);
  });

  it('are looked up again after their time', async () => {
    await fixture.startBroker({}, 200, settings({ redisUrl: required('REDIS_URL') }, '1ms'));
    await ask();
    await expect.poll(async () => (await ask()) && server.requests).toBeGreaterThan(1);
  });

  it('are none while GitHub can not be read, and there again right after', async () => {
    server.isDown = true;
    await fixture.startBroker({}, 200, settings({ redisUrl: required('REDIS_URL') }));
    expect(await ask()).toEqual([]);
    server.isDown = false;
    expect(await ask()).toEqual([RUNBOOK]);
  });

  it('are none where no repository is configured', async () => {
    await fixture.startBroker({}, 200, { environment: settings().environment! });
    expect(await ask()).toEqual([]);
    expect(server.requests).toBe(0);
  });
});
