import { subjectFilters, taskScheduled, toolCallCompleted, toolCatalogue, type StreamChunk } from '@tarsy/contracts';
import {
  Buckets,
  ChunkPublisher,
  ChunkReader,
  ConsumerHost,
  JournalStore,
  MessagePublisher,
  Messaging,
} from '@tarsy/messaging';
import { createSilentLogger } from '@tarsy/observability';
import { randomUUID } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { required } from '../../test-servers.js';
import { eventually, taskOf, useMessaging } from './fixture.js';

const fixture = useMessaging();

/** Stands between a client and NATS, and can cut the wire. */
class Wire {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isCut = false;

  private constructor(private readonly target: URL) {
    this.#server = createServer((client) => {
      if (this.#isCut) return void client.destroy();
      const upstream = connect(Number(this.target.port), this.target.hostname);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
      }
      client.pipe(upstream).pipe(client);
    });
  }

  static async to(url: string): Promise<Wire> {
    const wire = new Wire(new URL(url));
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

const closings: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function overWire(): Promise<{ wire: Wire; messaging: Messaging }> {
  const wire = await Wire.to(required('NATS_URL'));
  closings.push(() => wire.close());
  const { namespace } = fixture.messaging;
  const messaging = await Messaging.connect({ url: wire.url, namespace, clientName: 'wired' }, createSilentLogger());
  closings.push(() => messaging.close());
  await messaging.ensureTopology();
  return { wire, messaging };
}

describe('a connection that breaks', () => {
  it('comes back, and consumers, waits and publishing go on', async () => {
    const { wire, messaging } = await overWire();
    const handled: string[] = [];
    await new ConsumerHost(messaging).consume(
      taskScheduled,
      { durable: 'wired', filterSubjects: [subjectFilters.tasksOfPool('wired')], ackWaitMs: 2_000 },
      (task) => Promise.resolve(void handled.push(task.executionId)),
    );
    const execution = { sessionId: randomUUID(), executionId: randomUUID() };
    const journal = await new JournalStore(messaging).open(execution.sessionId, execution.executionId);
    const result = journal.waitForToolResult('1-1', AbortSignal.timeout(20_000));

    wire.cut();
    await eventually(() => !messaging.isConnected());
    const during = taskOf('wired');
    const published = new MessagePublisher(messaging).publish(taskScheduled, during);
    await new MessagePublisher(fixture.messaging).publishOnce(toolCallCompleted, {
      ...execution,
      stageId: randomUUID(),
      callId: '1-1',
      server: 'host',
      tool: 'disk_usage',
      outcome: 'ok',
      isError: false,
      content: 'while away',
      durationMs: 1,
      completedAt: new Date().toISOString(),
    });
    await sleep(500);
    wire.mend();

    await published;
    expect((await result).content).toBe('while away');
    await eventually(() => handled.length === 1);
    expect(handled).toEqual([during.executionId]);
    expect(messaging.isConnected()).toBe(true);
    journal.close();
  });

  it('makes streams and buckets again that the server lost, and readers follow the new ones', async () => {
    const { wire, messaging } = await overWire();
    const { manager, names } = fixture.messaging;
    const sessionId = randomUUID();
    const abort = new AbortController();
    const deltas: string[] = [];
    const reading = (async () => {
      for await (const { delta } of new ChunkReader(messaging).follow(sessionId, abort.signal)) deltas.push(delta);
    })();
    const chunk = (delta: string): StreamChunk => ({
      sessionId,
      stageId: sessionId,
      executionId: sessionId,
      turn: 1,
      entry: 1,
      callId: 'c',
      part: 'text',
      offset: 0,
      delta,
    });
    const bucket = new Buckets(messaging).open(toolCatalogue);
    const entry = { server: 'host', tools: [], updatedAt: new Date().toISOString() };
    await bucket.put('host', entry);
    const seen: [string, boolean][] = [];
    const stopWatching = await bucket.watch((key, value) => seen.push([key, value !== undefined]));
    new ChunkPublisher(messaging).publish(chunk('before'));
    await eventually(() => deltas.length === 1 && seen.length === 1);

    wire.cut();
    await eventually(() => !messaging.isConnected());
    await manager.streams.delete(names.stream('CHUNKS'));
    await manager.streams.delete(`KV_${names.bucket(toolCatalogue.name)}`);
    wire.mend();
    await eventually(() => messaging.isConnected());
    await eventually(() => seen.some(([, isThere]) => !isThere));
    await bucket.put('kubernetes', { ...entry, server: 'kubernetes' });
    await eventually(() => seen.some(([key]) => key === 'kubernetes'));
    await eventually(() => {
      new ChunkPublisher(messaging).publish(chunk('after'));
      return deltas.includes('after');
    });
    abort.abort();
    await reading;
    stopWatching();
  });

  it('fails to publish with a retryable error when it does not come back', { timeout: 30_000 }, async () => {
    const { wire, messaging } = await overWire();
    wire.cut();
    await eventually(() => !messaging.isConnected());
    const startedAt = Date.now();
    await expect(new MessagePublisher(messaging).publish(taskScheduled, taskOf('away'))).rejects.toMatchObject({
      code: 'MESSAGING_UNAVAILABLE',
      retryable: true,
    });
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  });

  it('aborts a handler whose delivery may have gone to another replica', async () => {
    const { wire, messaging } = await overWire();
    let reason: unknown;
    let started = false;
    await new ConsumerHost(messaging).consume(
      taskScheduled,
      { durable: 'lost', filterSubjects: [subjectFilters.tasksOfPool('lost')], ackWaitMs: 900 },
      async (_task, { signal }) => {
        started = true;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        reason ??= signal.reason;
      },
    );
    await new MessagePublisher(fixture.messaging).publish(taskScheduled, taskOf('lost'));
    await eventually(() => started);
    wire.cut();
    await eventually(() => reason);
    expect(reason).toMatchObject({ code: 'DELIVERY_LOST' });
    const attempts: number[] = [];
    const other = await new ConsumerHost(fixture.messaging).consume(
      taskScheduled,
      { durable: 'lost', filterSubjects: [subjectFilters.tasksOfPool('lost')], ackWaitMs: 900 },
      (_task, { attempt }) => Promise.resolve(void attempts.push(attempt)),
    );
    await eventually(() => attempts.length > 0);
    expect(attempts).toEqual([2]);
    await other.stop();
  });
});

describe('the first connection', () => {
  it('gives up after its time with a retryable error', async () => {
    const options = { url: 'nats://127.0.0.1:1', namespace: 'none', clientName: 'none', connectTimeoutMs: 300 };
    await expect(Messaging.connect(options, createSilentLogger())).rejects.toMatchObject({
      code: 'MESSAGING_UNAVAILABLE',
    });
  });

  it('refuses a namespace that can not be part of a subject', async () => {
    const options = { url: 'nats://127.0.0.1:1', namespace: 'a.b', clientName: 'none' };
    await expect(Messaging.connect(options, createSilentLogger())).rejects.toMatchObject({ code: 'INVALID_NAMESPACE' });
  });

  it('refuses a server that is too old, with what to install', async () => {
    const server = createServer((socket) => {
      socket.write('INFO {"server_id":"OLD","version":"2.10.27","proto":1,"headers":true,"max_payload":1048576}\r\n');
      socket.on('data', (data) => data.includes('PING') && socket.write('PONG\r\n'));
      socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closings.push(() => void server.close());
    const url = `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(
      Messaging.connect({ url, namespace: 'old', clientName: 'old' }, createSilentLogger()),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED_SERVER', message: expect.stringContaining('2.10.27') as string });
  });
});
