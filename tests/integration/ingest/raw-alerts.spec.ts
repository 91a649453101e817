import { headers as newHeaders } from '@nats-io/nats-core';
import { alertRaw } from '@tarsy/contracts';
import { MessagePublisher, type Delivery } from '@tarsy/messaging';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RawAlertsConsumer } from '../../../apps/ingest/src/alerts/raw-alerts.consumer.js';
import { eventually, IngestFixture, metric } from './fixture.js';

const ingest = new IngestFixture();
let url: string;

beforeAll(async () => {
  url = await ingest.start();
});
afterEach(() => ingest.limitAlerts(-1));

/** Puts a body on NATS as a producer would; returns its position in the stream. */
async function produce(format: string, body: unknown, headers: Record<string, string> = {}): Promise<number> {
  const { jetstream, names } = ingest.messaging;
  const data = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const carried = newHeaders();
  for (const [name, value] of Object.entries(headers)) carried.set(name, value);
  const { seq } = await jetstream.publish(names.qualify(`tarsy.alerts.raw.${format}`), data, { headers: carried });
  return seq;
}

const acceptedWith = async (marker: string): Promise<Awaited<ReturnType<typeof ingest.accepted>>> =>
  (await ingest.accepted()).filter(({ data }) => data.includes(marker));
const taken = (): Promise<true> => eventually(async () => (await ingest.rawAlertsLeft()) === 0);

describe('a raw alert on NATS', () => {
  it('in TARSy’s own format is accepted as over HTTP', async () => {
    const marker = randomUUID();
    await produce('json', { data: `${marker}\npassword: hunter22`, alert_type: 'DiskFull', severity: 'page' });
    await taken();
    const [alert, ...others] = await acceptedWith(marker);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ source: 'api', alertType: 'DiskFull', chainId: 'disk', severity: 'critical' });
    expect(alert?.data).toBe(`${marker}\n"password": "[MASKED_PASSWORD]"`);
  });

  it('may have fields of any name and type beside those we know', async () => {
    const marker = randomUUID();
    await produce('json', { data: marker, format: 5, extra: [{ deep: null }] });
    await taken();
    expect(await acceptedWith(marker)).toHaveLength(1);
  });

  it('in Alertmanager’s format is one session for its group, with nothing added to what was sent', async () => {
    const marker = randomUUID();
    const group = {
      version: '4',
      groupKey: `{}:{alertname="${marker}"}`,
      alerts: [
        { status: 'firing', labels: { alertname: marker }, startsAt: '2026-10-01T08:00:00Z', fingerprint: 'f1' },
      ],
    };
    await produce('alertmanager', group);
    await produce('alertmanager', group);
    await taken();
    const [alert, ...others] = await acceptedWith(marker);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ source: 'alertmanager', alertType: marker, chainId: 'host', fingerprints: ['f1'] });
    expect(JSON.parse(alert!.data)).not.toHaveProperty('format');
  });

  it.each<[name: string, format: string, body: unknown, code: string, reason: RegExp]>([
    ['malformed JSON', 'json', '{"data":', 'INVALID_MESSAGE', /not JSON in UTF-8/],
    ['bytes that are no text', 'json', new Uint8Array([0xff, 0xfe]), 'INVALID_MESSAGE', /not JSON in UTF-8/],
    ['nothing at all', 'json', '', 'INVALID_MESSAGE', /not JSON/],
    ['a list', 'json', [1], 'ALERT_REFUSED', /request body must be a JSON object/],
    ['no data', 'json', { alert_type: 'DiskFull' }, 'ALERT_REFUSED', /data field is required/],
    ['an unknown type', 'json', { data: 'x', alert_type: 'nonsense' }, 'ALERT_REFUSED', /no chain handles "nonsense"/],
    ['an unknown format', 'carrier-pigeon', { data: 'x' }, 'ALERT_REFUSED', /no alert format "carrier-pigeon"; known: json, alertmanager/],
    ['a format of the prototype', 'constructor', { data: 'x' }, 'ALERT_REFUSED', /no alert format "constructor"/],
    ['another webhook version', 'alertmanager', { version: '3', groupKey: 'g', alerts: [] }, 'ALERT_REFUSED', /not an Alertmanager webhook of version 4: version must be "4"/],
    ['an empty group', 'alertmanager', { version: '4', groupKey: 'g', alerts: [] }, 'ALERT_REFUSED', /the group holds no alert/],
  ])('goes to the dead letters with the reason: %s', async (_name, format, body, code, reason) => {
    const storedBefore = await ingest.storedAlerts();
    const sequence = await produce(format, body);
    await taken();
    const letter = (await ingest.deadLetters()).find(({ originalSequence }) => originalSequence === sequence);
    expect(letter).toMatchObject({ stream: 'ALERTS_RAW', errorCode: code, attempts: 1, consumer: 'ingest-raw' });
    expect(letter?.errorMessage).toMatch(reason);
    expect(letter?.subject).toBe(`tarsy.alerts.raw.${format}`);
    expect(await ingest.storedAlerts()).toBe(storedBefore);
  }); // prettier-ignore

  it('of a format nobody knows does not make a new line in the metrics', async () => {
    await produce('carrier-pigeon', { data: 'x' });
    await taken();
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).not.toContain('carrier-pigeon');
    expect(await metric(url, 'tarsy_alerts_received_total{source="nats-unknown",outcome="refused"}')).toBeGreaterThan(
      0,
    );
  });

  it('that is too large for a message comes by reference, and is refused beyond 1 MiB of data', async () => {
    const publisher = new MessagePublisher(ingest.messaging);
    const marker = randomUUID();
    await publisher.publish(alertRaw, { data: marker + 'x'.repeat(900_000) });
    const { sequence } = await publisher.publish(alertRaw, { data: 'y'.repeat(1_100_000) });
    await taken();
    expect((await acceptedWith(marker))[0]?.data).toHaveLength(900_036);
    const letter = (await ingest.deadLetters()).find(({ originalSequence }) => originalSequence === sequence);
    expect(letter?.errorMessage).toBe('alert data exceeds the limit of 1048576 bytes');
  });

  it('waits in its own stream while that of the accepted alerts is full, and is then one session', async () => {
    const marker = randomUUID();
    await ingest.limitAlerts(Math.max(1, await ingest.storedAlerts()));
    const failed = 'tarsy_alerts_received_total{source="nats-json",outcome="failed"}';
    const before = await metric(url, failed);
    await produce('json', { data: marker });
    await eventually(async () => (await metric(url, failed)) > before);
    expect(await ingest.rawAlertsLeft()).toBe(1);
    await ingest.limitAlerts(-1);
    await taken();
    expect(await acceptedWith(marker)).toHaveLength(1);
  });

  it('that is delivered again, as after a lost acknowledgement, is one session', async () => {
    const marker = randomUUID();
    const consumer = ingest.service.app.get(RawAlertsConsumer);
    const delivery: Delivery = {
      subject: 'tarsy.alerts.raw.json',
      sequence: 1_000_000,
      attempt: 1,
      publishedAt: new Date(),
      signal: new AbortController().signal,
    };
    await consumer.handle({ data: marker }, delivery);
    await consumer.handle({ data: marker }, { ...delivery, attempt: 2 });
    expect(await acceptedWith(marker)).toHaveLength(1);
  });

  it('is taken once when its producer names it and repeats itself', async () => {
    const marker = randomUUID();
    const sequence = await produce('json', { data: marker }, { 'Nats-Msg-Id': marker });
    expect(await produce('json', { data: marker }, { 'Nats-Msg-Id': marker })).toBe(sequence);
    await taken();
    expect(await acceptedWith(marker)).toHaveLength(1);
  });
});
