import { describe, expect, it } from 'vitest';
import { normalised, wasPostedFor, whoseTextHolds } from './slack-search.js';

describe(whoseTextHolds.name, () => {
  const holds = whoseTextHolds(normalised('Disk Full <node-1>'));

  it.each([
    [{ text: 'FIRING: disk  full\n&lt;NODE-1&gt; now' }],
    [{ attachments: [{ text: 'DiskFull<node-1>' }] }],
    [{ text: 'other', attachments: [{}, { fallback: 'disk full <node-1>' }] }],
  ])('finds it in %j', (message) => {
    expect(holds(message)).toBe(true);
  });

  it('does not find it elsewhere', () => {
    expect(holds({})).toBe(false);
    expect(holds({ text: 'disk full <node-2>' })).toBe(false);
  });
});

describe(wasPostedFor.name, () => {
  const fits = wasPostedFor('one.end');

  it('knows a message by its metadata or its block', () => {
    expect(fits({ metadata: { event_payload: { notification_id: 'one.end' } } })).toBe(true);
    expect(fits({ blocks: [{}, { block_id: 'one.end' }] })).toBe(true);
    expect(fits({ text: 'one.end', blocks: [{ block_id: 'one.start' }] })).toBe(false);
  });
});
