import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { currentTraceId, currentTraceparent, installTracing, runInTrace } from './trace.js';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe(runInTrace.name, () => {
  beforeAll(installTracing);

  it('goes on with the trace it is given, as a child', async () => {
    await runInTrace(parent, async () => {
      await sleep(1);
      expect(currentTraceId()).toBe('0af7651916cd43dd8448eb211c80319c');
      expect(currentTraceparent()).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
      expect(currentTraceparent()).not.toBe(parent);
    });
  });

  it.each([undefined, 'nonsense', '00-0-0-00'])(
    'begins a trace where there is none to go on with (%s)',
    (traceparent) => {
      runInTrace(traceparent, () => expect(currentTraceId()).toMatch(/^[0-9a-f]{32}$/));
    },
  );

  it('keeps traces that run at the same time apart', async () => {
    const ids = await Promise.all(
      [1, 2].map(() => runInTrace(undefined, async () => (await sleep(1), currentTraceId()))),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('is over outside', () => {
    expect(currentTraceparent()).toBeUndefined();
  });
});
