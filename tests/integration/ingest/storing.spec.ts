import { randomUUID } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { required } from '../../test-servers.js';
import { IngestFixture, post, type Answer } from './fixture.js';

const ingest = new IngestFixture();
let url: string;

/** Stands between ingest and NATS. While it is held, nothing that NATS says arrives. */
const sockets = new Set<Socket>();
let isHeld = false;
const wire = createServer((client) => {
  const { hostname, port } = new URL(required('NATS_URL'));
  const upstream = connect(Number(port), hostname);
  for (const socket of [client, upstream]) {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  }
  client.pipe(upstream);
  upstream.on('data', (data) => void client.write(data)).on('close', () => client.destroy());
  if (isHeld) upstream.pause();
  client.on('close', () => upstream.destroy());
});
const hold = (held: boolean): void => {
  isHeld = held;
  for (const socket of sockets)
    if (held) socket.pause();
    else socket.resume();
};

beforeAll(async () => {
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  const held = new URL(required('NATS_URL'));
  held.host = `127.0.0.1:${(wire.address() as AddressInfo).port}`;
  url = `${await ingest.start({ NATS_URL: held.href })}/api/v1/alerts`;
});
afterEach(async () => {
  hold(false);
  await ingest.limitAlerts(-1);
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  wire.close();
});

const stored = async (marker: string): Promise<number> =>
  (await ingest.accepted()).filter(({ data }) => data === marker).length;

describe('the answer', () => {
  it('waits until JetStream has acknowledged', async () => {
    const marker = randomUUID();
    hold(true);
    let answer: Answer | undefined;
    const answered = post(url, { data: marker }).then((given) => (answer = given));
    const early = await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 500, 'none'))]);
    expect([early, answer]).toEqual(['none', undefined]);
    hold(false);
    expect((await answered).status).toBe(202);
    expect(await stored(marker)).toBe(1);
  });

  it('is 503 with Retry-After while JetStream does not answer; the repeated request is one session', async () => {
    const marker = randomUUID();
    const key = { 'idempotency-key': marker };
    hold(true);
    const refused = await post(url, { data: marker }, key);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.body).toEqual({ message: 'service is busy, try again later' });
    hold(false);
    await expect.poll(async () => (await post(url, { data: marker }, key)).status, { timeout: 20_000 }).toBe(202);
    expect((await post(url, { data: marker }, key)).status).toBe(202);
    expect(await stored(marker)).toBe(1);
  });

  it('is 503 with Retry-After while the stream is full, for both addresses; nothing is lost and nothing doubled', async () => {
    const markers = Array.from({ length: 5 }, () => randomUUID());
    const submit = (marker: string): Promise<Answer> => post(url, { data: marker }, { 'idempotency-key': marker });
    expect((await submit(markers[0]!)).status).toBe(202);
    await ingest.limitAlerts((await ingest.storedAlerts()) + 1);
    const answers = await Promise.all(markers.slice(1).map(submit));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 503, 503, 503]);
    for (const answer of answers.filter(({ status }) => status === 503)) {
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(answer.body).toEqual({ message: 'service is busy, try again later' });
    }
    const group = { version: '4', groupKey: 'full', alerts: [{ status: 'firing', labels: {}, startsAt: '2026-10-01T08:00:00Z', fingerprint: 'f' }] }; // prettier-ignore
    const webhook = url.replace('/alerts', '/webhooks/alertmanager');
    expect((await post(webhook, group)).status).toBe(503);
    await ingest.limitAlerts(-1);
    expect((await Promise.all(markers.map(submit))).map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect((await post(webhook, group)).status).toBe(202);
    expect(await Promise.all(markers.map(stored))).toEqual([1, 1, 1, 1, 1]);
  });
});
