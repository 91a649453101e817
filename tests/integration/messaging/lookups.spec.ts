import { runbookLookup } from '@tarsy/contracts';
import { InvalidMessageError, Lookups } from '@tarsy/messaging';
import { afterEach, describe, expect, it } from 'vitest';
import { useMessaging } from './fixture.js';

const fixture = useMessaging();
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** One more process that answers; it does so when this returns. */
async function startReplica(find: Parameters<Lookups['answer']>[1]): Promise<void> {
  const replica = await fixture.another();
  const stop = new Lookups(replica).answer(runbookLookup, find as never);
  await replica.connection.flush();
  stops.push(async () => {
    stop();
    await replica.connection.flush();
  });
}

describe(Lookups.name, () => {
  it('asks one replica each time, and takes its answer', async () => {
    let asked = 0;
    await startReplica(() => Promise.resolve({ urls: [String(++asked)] }));
    await startReplica(() => Promise.resolve({ urls: [String(++asked)] }));
    const asker = new Lookups(fixture.messaging);
    for (let times = 1; times <= 5; times++)
      expect(await asker.ask(runbookLookup, 10_000)).toEqual({ urls: [String(times)] });
  });

  it('knows at once that nobody is there', async () => {
    const startedAt = performance.now();
    expect(await new Lookups(fixture.messaging).ask(runbookLookup, 60_000)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });

  it('goes without an answer that does not come', async () => {
    await startReplica(() => Promise.reject(new Error('broken')));
    expect(await new Lookups(fixture.messaging).ask(runbookLookup, 100)).toBeUndefined();
  });

  it('refuses an answer that does not fit', async () => {
    await startReplica(() => Promise.resolve({ urls: 'all of them' }));
    await expect(new Lookups(fixture.messaging).ask(runbookLookup, 10_000)).rejects.toThrow(InvalidMessageError);
  });
});
