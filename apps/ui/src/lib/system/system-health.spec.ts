import type { McpServersView, QueuesView } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import {
  deadLettersFigure,
  missingApps,
  servicesFigure,
  toolServersFigure,
  waitingFigure,
  type ServiceView,
} from './system-health';

const NOW_MS = Date.parse('2026-03-04T05:06:07.000Z');
const APPS = ['agent-worker', 'chain-runner', 'ingest', 'mcp-broker', 'stream-gateway'];
const service = (app: string, secondsAgo = 1): ServiceView =>
  ({ app, replica: `${app}-1`, seen_at: new Date(NOW_MS - secondsAgo * 1_000).toISOString() }) as ServiceView;
const server = (healthy: boolean): McpServersView['servers'][number] =>
  ({ healthy }) as McpServersView['servers'][number];
const stream = (name: string, messages: number, ...pending: number[]): QueuesView['streams'][number] =>
  ({ name, messages, consumers: pending.map((count) => ({ pending: count })) }) as QueuesView['streams'][number];

describe(servicesFigure.name, () => {
  it('is good when a replica of each application is on time', () => {
    expect(servicesFigure(APPS.map((app) => service(app)), NOW_MS)).toMatchObject({ tone: 'good', count: 5, total: 5 }); // prettier-ignore
  });

  it('is bad when a replica is late, and when an application has none', () => {
    const late = [...APPS.map((app) => service(app)), service('ingest', 30)];
    expect(servicesFigure(late, NOW_MS)).toMatchObject({ tone: 'bad', count: 5, total: 6 });
    expect(missingApps([service('ingest')])).not.toContain('ingest');
    expect(servicesFigure(APPS.slice(1).map((app) => service(app)), NOW_MS)).toMatchObject({ tone: 'bad', count: 4, total: 5 }); // prettier-ignore
  });
});

describe(toolServersFigure.name, () => {
  it.each([
    [[true, true], 'good'],
    [[true, false], 'stopped'],
    [[false], 'bad'],
    [[], 'good'],
  ] as const)('of servers that are healthy %j is %s', (healthy, tone) => {
    expect(toolServersFigure(healthy.map(server)).tone).toBe(tone);
  });
});

describe('figures of the queues', () => {
  it('count what waits for a consumer, and what was set aside', () => {
    const streams = [stream('TASKS', 9, 2), stream('ALERTS', 9, 0, 3), stream('DEADLETTERS', 4)];
    expect(waitingFigure(streams)).toMatchObject({ count: 5, tone: 'stopped' });
    expect(deadLettersFigure(streams)).toMatchObject({ count: 4, tone: 'bad' });
  });

  it('are good when nothing waits and nothing was set aside', () => {
    expect([waitingFigure([]), deadLettersFigure([])]).toMatchObject([{ tone: 'good' }, { tone: 'good' }]);
  });
});
