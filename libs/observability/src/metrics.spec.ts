import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.js';

describe(Metrics.name, () => {
  it('gives the same metric for the same name', async () => {
    const metrics = new Metrics();
    metrics.counter('tarsy_things_total', 'Things.', ['kind']).inc({ kind: 'a' });
    metrics.counter('tarsy_things_total', 'Things.', ['kind']).inc({ kind: 'a' }, 2);
    metrics.gauge('tarsy_slots', 'Slots.').set(4);
    metrics.histogram('tarsy_wait_seconds', 'Waiting.', [], [1, 10]).observe(3);
    const { body, contentType } = await metrics.expose();
    expect(contentType).toContain('text/plain');
    expect(body).toContain('tarsy_things_total{kind="a"} 3');
    expect(body).toContain('tarsy_slots 4');
    expect(body).toContain('tarsy_wait_seconds_bucket{le="10"} 1');
  });

  it('keeps two instances apart', async () => {
    new Metrics().counter('tarsy_things_total', 'Things.').inc();
    expect((await new Metrics().expose()).body).not.toContain('tarsy_things_total');
  });
});
