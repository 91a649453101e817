import { describe, expect, it } from 'vitest';
import { Broadcast, FellBehindError } from './broadcast.js';

const never = new AbortController().signal;

async function collect<Item>(batches: AsyncIterable<Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const batch of batches) items.push(...batch);
  return items;
}

describe(Broadcast.name, () => {
  it('gives every reader every item from its position on', async () => {
    const broadcast = new Broadcast<number>({ maxItems: 10, maxBytes: 100 });
    broadcast.publish(1, 1);
    const early = collect(broadcast.read(0, never));
    const late = collect(broadcast.read(broadcast.position, never));
    broadcast.publish(2, 1);
    await Promise.resolve();
    broadcast.publish(3, 1);
    broadcast.close();
    expect(await early).toEqual([1, 2, 3]);
    expect(await late).toEqual([2, 3]);
  });

  it('keeps at most so many items and bytes, but always the newest', () => {
    const broadcast = new Broadcast<number>({ maxItems: 3, maxBytes: 10 });
    for (let item = 0; item < 5; item += 1) broadcast.publish(item, 1);
    expect([broadcast.start, broadcast.position]).toEqual([2, 5]);
    broadcast.publish(5, 50);
    expect([broadcast.start, broadcast.position]).toEqual([5, 6]);
  });

  it('refuses a reader whose next item is gone', async () => {
    const broadcast = new Broadcast<number>({ maxItems: 2, maxBytes: 10 });
    for (let item = 0; item < 5; item += 1) broadcast.publish(item, 1);
    await expect(collect(broadcast.read(0, never))).rejects.toThrow(FellBehindError);
  });

  it('ends readers with the error it was closed with, after what is left', async () => {
    const broadcast = new Broadcast<number>({ maxItems: 2, maxBytes: 10 });
    broadcast.publish(1, 1);
    broadcast.close(new Error('gone'));
    const reader = broadcast.read(0, never);
    expect((await reader.next()).value).toEqual([1]);
    await expect(reader.next()).rejects.toThrow('gone');
  });

  it('lets a waiting reader go when its signal aborts', async () => {
    const broadcast = new Broadcast<number>({ maxItems: 2, maxBytes: 10 });
    const abort = new AbortController();
    const reader = collect(broadcast.read(0, abort.signal));
    abort.abort();
    expect(await reader).toEqual([]);
  });
});
