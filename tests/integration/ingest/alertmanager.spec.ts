import { derivedTimeId } from '@tarsy/core';
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AlertAccepted } from '@tarsy/contracts';
import { required } from '../../test-servers.js';
import { IngestFixture, metric, post, type Answer } from './fixture.js';

const ingest = new IngestFixture();
let withRedis: string;
let withoutRedis: string;

beforeAll(async () => {
  withRedis = await ingest.start({ REDIS_URL: required('REDIS_URL') });
  withoutRedis = await ingest.start();
});

interface Alert {
  readonly status?: 'firing' | 'resolved';
  readonly labels?: Record<string, unknown>;
  readonly annotations?: Record<string, unknown>;
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly fingerprint?: string;
}

const STARTED = '2026-10-01T08:00:00Z';

/** A webhook of version 4 as Alertmanager sends it. */
function groupOf(name: string, alerts: readonly Alert[], changes: Record<string, unknown> = {}): object {
  return {
    version: '4',
    groupKey: `{}/{team="pay"}:{alertname="${name}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tarsy',
    groupLabels: { alertname: name },
    commonLabels: { alertname: name, severity: 'critical' },
    commonAnnotations: { summary: `${name} fires` },
    externalURL: 'http://alertmanager:9093',
    notification_reason: 'first notification',
    alerts: alerts.map((alert, index) => ({
      status: 'firing',
      labels: { alertname: name, instance: `db-${index}`, severity: 'critical' },
      annotations: {},
      startsAt: STARTED,
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus/graph?g0.expr=up',
      fingerprint: `7d2d332feada5c5${index}`,
      ...alert,
    })),
    ...changes,
  };
}

const send = (group: unknown, url = withRedis): Promise<Answer> => post(`${url}/api/v1/webhooks/alertmanager`, group);
const sessionOf = ({ body }: Answer): string => String(body['session_id']);
const stored = async (answer: Answer): Promise<AlertAccepted> => {
  expect(answer.status).toBe(202);
  return (await ingest.accepted()).find(({ sessionId }) => sessionId === sessionOf(answer))!;
};
const resolutionsOf = async (name: string): ReturnType<typeof ingest.resolved> =>
  (await ingest.resolved()).filter(({ groupKey }) => groupKey.includes(`"${name}"`));

describe('an Alertmanager group', () => {
  it('is one session with all that was said', async () => {
    const name = randomUUID();
    const answer = await send(groupOf(name, [{}, {}, {}], { truncatedAlerts: 7 }));
    expect(answer.body).toEqual({ accepted: 3, session_id: sessionOf(answer) });
    const alert = await stored(answer);
    expect(alert).toMatchObject({
      source: 'alertmanager',
      alertType: name,
      chainId: 'host',
      severity: 'critical',
      title: `${name} fires`,
      labels: { alertname: name, severity: 'critical' },
      groupKey: `{}/{team="pay"}:{alertname="${name}"}`,
      fingerprints: ['7d2d332feada5c50', '7d2d332feada5c51', '7d2d332feada5c52'],
    });
    expect(JSON.parse(alert.data)).toMatchObject({ truncatedAlerts: 7, receiver: 'tarsy', alerts: [{}, {}, {}] });
  });

  it('is handled by the chain of its alert name, else by that of the default type', async () => {
    expect(await stored(await send(groupOf('DiskFull', [{}])))).toMatchObject({
      alertType: 'DiskFull',
      chainId: 'disk',
    });
    expect(await stored(await send(groupOf('Unheard', [{}])))).toMatchObject({ alertType: 'Unheard', chainId: 'host' });
    expect(await metric(withRedis, 'tarsy_sessions_submitted_total{alert_type="DiskFull"}')).toBeGreaterThan(0);
    expect(await metric(withRedis, 'tarsy_sessions_submitted_total{alert_type="other"}')).toBeGreaterThan(0);
    expect(await metric(withRedis, 'tarsy_sessions_submitted_total{alert_type="Unheard"}')).toBe(0);
  });

  it('keeps its session while it fires, also when its first alert is gone', async () => {
    const name = randomUUID();
    const first = await send(groupOf(name, [{}, { startsAt: '2026-10-01T09:00:00Z' }]));
    const repeated = await send(groupOf(name, [{}, { startsAt: '2026-10-01T09:00:00Z' }]));
    const later = await send(
      groupOf(name, [{ status: 'resolved', endsAt: '2026-10-01T10:00:00Z' }, { startsAt: '2026-10-01T09:00:00Z' }]),
    );
    expect([sessionOf(repeated), sessionOf(later)]).toEqual([sessionOf(first), sessionOf(first)]);
    expect((await ingest.accepted()).filter(({ alertType }) => alertType === name)).toHaveLength(1);
    expect(await resolutionsOf(name)).toMatchObject([
      { fingerprints: ['7d2d332feada5c50'], resolvedAt: '2026-10-01T10:00:00.000Z' },
    ]);
  });

  it('keeps its session over replicas and without Redis, where it started at the same time', async () => {
    const name = randomUUID();
    const first = await send(groupOf(name, [{}]), withoutRedis);
    expect(sessionOf(await send(groupOf(name, [{}])))).toBe(sessionOf(first));
    expect(sessionOf(first).slice(0, 13)).toBe(derivedTimeId(Date.parse(STARTED), '').slice(0, 13));
    expect((await ingest.accepted()).filter(({ alertType }) => alertType === name)).toHaveLength(1);
  });

  it('that is over starts no session, and is a new one when it fires again', async () => {
    const name = randomUUID();
    const first = await send(groupOf(name, [{}]));
    const over = await send(
      groupOf(name, [{ status: 'resolved', endsAt: '2026-10-01T10:00:00Z' }], { status: 'resolved' }),
    );
    expect(over.status).toBe(202);
    expect(over.body).toEqual({ accepted: 1 });
    const again = await send(groupOf(name, [{ startsAt: '2026-10-01T11:00:00Z' }]));
    expect(sessionOf(again)).not.toBe(sessionOf(first));
    expect((await ingest.accepted()).filter(({ alertType }) => alertType === name)).toHaveLength(2);
  });

  it('that is resolved twice is recorded once', async () => {
    const name = randomUUID();
    const over = groupOf(name, [{ status: 'resolved', endsAt: '2026-10-01T10:00:00Z' }]);
    await send(over);
    await send(over);
    expect(await resolutionsOf(name)).toHaveLength(1);
  });

  it('may hold 1,000 alerts', async () => {
    const name = randomUUID();
    const alerts = Array.from({ length: 1_000 }, (_, index) => ({ fingerprint: index.toString(16).padStart(16, '0') }));
    const answer = await send(groupOf(name, alerts));
    expect(answer.body['accepted']).toBe(1_000);
    const alert = await stored(answer);
    expect(alert.fingerprints).toHaveLength(1_000);
    expect((JSON.parse(alert.data) as { alerts: unknown[] }).alerts).toHaveLength(1_000);
  });

  it('that does not fit into an alert says how many were left out', async () => {
    const name = randomUUID();
    const alerts = Array.from({ length: 60 }, () => ({ annotations: { description: 'long '.repeat(5_000) } }));
    const alert = await stored(await send(groupOf(name, alerts)));
    expect(Buffer.byteLength(alert.data)).toBeLessThanOrEqual(1024 ** 2);
    const data = JSON.parse(alert.data) as { alerts: unknown[]; alertsLeftOut: number };
    expect(data.alerts.length + data.alertsLeftOut).toBe(60);
    expect(data.alertsLeftOut).toBeGreaterThan(0);
    expect(alert.fingerprints).toHaveLength(60);
  });

  it('loses only the alerts that are none', async () => {
    const group = groupOf(randomUUID(), [{}, { status: 'resolved' }]) as { alerts: unknown[] };
    const answer = await send({
      ...group,
      alerts: [...group.alerts, 7, null, { status: 'firing' }, { status: 'odd' }],
    });
    expect(answer.body['accepted']).toBe(2);
  });

  it.each<[name: string, changes: Record<string, unknown>, expected: Partial<AlertAccepted>]>([
    ['no labels', { groupLabels: {}, commonLabels: {}, commonAnnotations: {}, alerts: [{ status: 'firing', labels: {}, startsAt: STARTED, fingerprint: 'f' }] }, { alertType: 'host', chainId: 'host', title: 'alert', labels: {} }],
    ['empty labels', { groupLabels: { alertname: '' }, commonLabels: { alertname: '', team: '' }, commonAnnotations: { summary: '' }, alerts: [{ status: 'firing', labels: { alertname: '' }, startsAt: STARTED, fingerprint: 'f' }] }, { alertType: 'host', title: 'alert', labels: { alertname: '', team: '' } }],
    ['labels of any script', { commonLabels: { alertname: 'ディスク🔥', 'équipe': 'ünïcode\u0000' }, commonAnnotations: {} }, { alertType: 'ディスク🔥', title: 'ディスク🔥' }],
    ['labels that are no text', { commonLabels: { alertname: 7, up: true, gone: null } }, { alertType: '7', labels: expect.objectContaining({ up: 'true' }) as never }],
    ['a start that is no time', { alerts: [{ status: 'firing', labels: {}, startsAt: 'yesterday', fingerprint: 'f' }] }, {}],
    ['a start beyond all calendars', { alerts: [{ status: 'firing', labels: {}, startsAt: '+275760-09-13T00:00:00Z', fingerprint: 'f' }, { status: 'resolved', labels: {}, startsAt: STARTED, endsAt: '+275760-09-13T00:00:00Z', fingerprint: 'f' }] }, {}],
    ['truncatedAlerts without alerts left out', { truncatedAlerts: undefined }, {}],
  ])('may have %s', async (name, changes, expected) => {
    const answer = await send({ ...groupOf(randomUUID(), [{}]), ...changes, groupKey: `odd:${name}` });
    expect(await stored(answer)).toMatchObject(expected);
  }); // prettier-ignore

  it('is cut where its names have no end, and is still the same group', async () => {
    const long = 'x'.repeat(5_000);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`label${index}`, long]));
    const group = (end: string): object =>
      groupOf(long, [{ fingerprint: long }], { groupKey: long + end, commonLabels: { alertname: long, ...many } });
    const answer = await send(group('a'));
    const alert = await stored(answer);
    expect(alert.alertType).toHaveLength(255);
    expect(alert.title.length).toBeLessThanOrEqual(200);
    expect(alert.groupKey).toHaveLength(1_000);
    expect(alert.fingerprints[0]).toHaveLength(128);
    expect(Object.keys(alert.labels)).toHaveLength(200);
    expect(Math.max(...Object.values(alert.labels).map(({ length }) => length))).toBe(4_096);
    expect(sessionOf(await send(group('a')))).toBe(sessionOf(answer));
    expect(sessionOf(await send(group('b')))).not.toBe(sessionOf(answer));
  });

  it('shows no secret of its labels and annotations', async () => {
    const token = 'abcdefghij0123456789';
    const answer = await send(
      groupOf(randomUUID(), [{ annotations: { description: `got {"password": "correct horse"}` } }], {
        commonLabels: { alertname: 'DiskFull', owner: 'ann@example.com' },
        commonAnnotations: { summary: `token=${token} failed` },
      }),
    );
    const text = JSON.stringify(await stored(answer));
    expect(text).not.toMatch(/correct|horse|ann@example|abcdefghij/);
  });

  it.each<[name: string, body: unknown, message: RegExp]>([
    ['another version', { version: '3', groupKey: 'g', alerts: [] }, /^not an Alertmanager webhook of version 4: version must be "4"$/],
    ['no version', { alerts: [] }, /version must be "4"$/],
    ['no group key', { version: '4', alerts: [] }, /^not an Alertmanager webhook of version 4: groupKey /],
    ['an empty group key', { version: '4', groupKey: '', alerts: [] }, /groupKey /],
    ['no alerts', { version: '4', groupKey: 'g', alerts: [] }, /^the group holds no alert$/],
    ['alerts that are none', { version: '4', groupKey: 'g', alerts: [1, {}] }, /^the group holds no alert$/],
    ['alerts that are no list', { version: '4', groupKey: 'g', alerts: 'x' }, /alerts /],
    ['too many alerts', { version: '4', groupKey: 'g', alerts: Array.from({ length: 10_001 }, () => 1) }, /must not hold more than 10000 alerts/],
    ['a list', [], /./],
    ['malformed JSON', '{', /JSON/],
  ])('refuses %s', async (_name, body, message) => {
    const before = await metric(withRedis, 'tarsy_alerts_received_total{source="alertmanager",outcome="refused"}');
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ message: expect.stringMatching(message) as string });
    expect(await metric(withRedis, 'tarsy_alerts_received_total{source="alertmanager",outcome="refused"}')).toBe(before + 1);
  }); // prettier-ignore
});
