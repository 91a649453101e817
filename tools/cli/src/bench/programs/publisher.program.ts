import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { answerCalls } from '../program.js';
import { alertBody } from '../wire.js';

export interface PublishJob {
  readonly natsUrl: string;
  readonly subject: string;
  readonly count: number;
  readonly bodyBytes: number;
  /** Published and not acknowledged yet, at most. */
  readonly inFlight: number;
  /** Whether each carries an id, as everything does that TARSy publishes. */
  readonly hasIds: boolean;
}

export interface RelayJob {
  readonly natsUrl: string;
  /** Holds `count` messages. */
  readonly fromStream: string;
  readonly toSubject: string;
  readonly count: number;
  readonly inFlight: number;
}

/** The bare loop: publishes to JetStream and waits until every message is stored. @returns seconds it took */
async function publish({ natsUrl, subject, count, bodyBytes, inFlight, hasIds }: PublishJob): Promise<number> {
  return await withConnection(natsUrl, async (connection) => {
    const client = jetstream(connection);
    const encoder = new TextEncoder();
    let published = 0;
    const lane = async (): Promise<void> => {
      while (published < count) {
        const body = encoder.encode(alertBody(published++, bodyBytes));
        await client.publish(subject, body, hasIds ? { msgID: randomUUID() } : {});
      }
    };
    return await secondsOf(() => Promise.all(Array.from({ length: inFlight }, lane)));
  });
}

/** The least that moving messages from one stream to another takes: receive, store, acknowledge. @returns seconds it took */
async function relay({ natsUrl, fromStream, toSubject, count, inFlight }: RelayJob): Promise<number> {
  return await withConnection(natsUrl, async (connection) => {
    const client = jetstream(connection);
    const manager = await jetstreamManager(connection);
    await manager.consumers.add(fromStream, { durable_name: 'relay', ack_policy: AckPolicy.Explicit });
    const consumer = await client.consumers.get(fromStream, 'relay');
    return await secondsOf(async () => {
      const messages = await consumer.consume({ max_messages: inFlight });
      let moved = 0;
      for await (const message of messages)
        void client.publish(toSubject, message.data, { msgID: randomUUID() }).then(() => {
          message.ack();
          if (++moved === count) messages.stop();
        });
    });
  });
}

async function withConnection<Result>(
  natsUrl: string,
  use: (connection: NatsConnection) => Promise<Result>,
): Promise<Result> {
  const { protocol, host, username, password } = new URL(natsUrl);
  const connection = await connect({
    servers: `${protocol}//${host}`,
    // As the services do.
    noAsyncTraces: true,
    ...(username ? { user: username, pass: password } : {}),
  });
  try {
    return await use(connection);
  } finally {
    await connection.drain();
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (performance.now() - startedAtMs) / 1_000;
}

answerCalls({ publish, relay });
