import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
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

/** The bare loop: publishes to JetStream and waits until every message is stored. @returns seconds it took */
async function publish({ natsUrl, subject, count, bodyBytes, inFlight, hasIds }: PublishJob): Promise<number> {
  const { protocol, host, username, password } = new URL(natsUrl);
  const connection = await connect({
    servers: `${protocol}//${host}`,
    // As the services do.
    noAsyncTraces: true,
    ...(username ? { user: username, pass: password } : {}),
  });
  const client = jetstream(connection);
  const encoder = new TextEncoder();
  let published = 0;
  const lane = async (): Promise<void> => {
    while (published < count) {
      const body = encoder.encode(alertBody(published++, bodyBytes));
      await client.publish(subject, body, hasIds ? { msgID: randomUUID() } : {});
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await connection.close();
  return seconds;
}

answerCalls({ publish });
