import { JetStreamApiCodes, JetStreamApiError, type PubAck } from '@nats-io/jetstream';
import { errors, headers as newHeaders, type MsgHdrs } from '@nats-io/nats-core';
import { messageOf } from '@tarsy/core';
import { currentTraceparent } from '@tarsy/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageRefusedError, MessagingUnavailableError, QueueFullError } from './messaging.errors.js';
import { untilDeparture } from './departure.js';
import type { Messaging } from './messaging.js';
import { isPermissionDenied } from './permission-denied.js';

/** The message's own id. JetStream has it as `Nats-Msg-Id` as well, which does not survive a schedule or a dead letter. */
export const MESSAGE_ID_HEADER = 'Tarsy-Message-Id';
export const TRACEPARENT_HEADER = 'traceparent';

/** How long one call keeps trying while NATS is away. */
const GIVE_UP_AFTER_MS = 10_000;
const ACKNOWLEDGEMENT_TIMEOUT_MS = 3_000;

const STORE_FAILED = 10077;
const INSUFFICIENT_RESOURCES = new Set([10023, 10028, 10047]);
const TEMPORARY = new Set([10008, 10009, 10074]);
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
]);

export interface StoreRequest {
  /** Qualified. */
  readonly subject: string;
  readonly body: Uint8Array;
  readonly messageId: string;
  /** `Nats-Msg-Id` where it differs from the message's own id. */
  readonly deduplicationId?: string;
  readonly headers?: MsgHdrs;
  /** Sequence of the last message on the subject; 0 is none. */
  readonly expectedLastSubjectSequence?: number;
}

/** The expectation about the subject's last message did not hold; may also mean that an earlier try was stored. */
export class WrongLastSequence extends Error {}

/**
 * Stores one message and waits for JetStream to say so; keeps trying while NATS is away.
 * @throws {QueueFullError} the stream or the payload store is full
 * @throws {MessagingUnavailableError} no answer within 10 s; the message may have been stored
 * @throws {MessageRefusedError} JetStream says no
 * @throws {WrongLastSequence} only with `expectedLastSubjectSequence`
 */
export async function store(messaging: Messaging, request: StoreRequest): Promise<PubAck> {
  const deadline = Date.now() + GIVE_UP_AFTER_MS;
  for (let attempt = 1; ; attempt++) {
    await messaging.untilConnected(deadline - Date.now());
    try {
      if (!messaging.isConnected())
        throw new MessagingUnavailableError(`${request.subject} was not stored: no connection`);
      return await storeOnce(messaging, request);
    } catch (error) {
      const failure = translate(error, request.subject);
      const pauseMs = Math.min(1_000, 25 * 2 ** attempt);
      if (!(failure instanceof MessagingUnavailableError)) throw failure;
      if (messaging.connection.isClosed() || Date.now() + pauseMs > deadline) throw failure;
      await sleep(pauseMs);
    }
  }
}

async function storeOnce(messaging: Messaging, request: StoreRequest): Promise<PubAck> {
  const { subject, body, messageId, deduplicationId = messageId, expectedLastSubjectSequence } = request;
  const headers = request.headers ?? newHeaders();
  headers.set(MESSAGE_ID_HEADER, messageId);
  const traceparent = currentTraceparent();
  if (traceparent !== undefined && !headers.has(TRACEPARENT_HEADER)) headers.set(TRACEPARENT_HEADER, traceparent);
  const data = await messaging.payloads.checkIn(messageId, body, headers);
  await untilDeparture();
  return await messaging.jetstream.publish(subject, data, {
    msgID: deduplicationId,
    headers,
    timeout: ACKNOWLEDGEMENT_TIMEOUT_MS,
    ...(expectedLastSubjectSequence === undefined
      ? {}
      : { expect: { lastSubjectSequence: expectedLastSubjectSequence } }),
  });
}

/** Names what went wrong; what is not known to be final counts as NATS being away, because repeating a store is safe. */
function translate(error: unknown, subject: string): Error {
  if (error instanceof MessagingUnavailableError) return error;
  if (isPermissionDenied(error))
    return new MessageRefusedError(`${subject} may not be published by this user`, { cause: error });
  if (!(error instanceof JetStreamApiError)) {
    if (error instanceof errors.InvalidArgumentError || error instanceof errors.InvalidSubjectError)
      return new MessageRefusedError(`${subject} can not be published: ${error.message}`, { cause: error });
    return new MessagingUnavailableError(`${subject} was not stored: ${messageOf(error)}`, { cause: error });
  }
  if (WRONG_LAST_SEQUENCE.has(error.code)) return new WrongLastSequence(error.message);
  const isFull =
    INSUFFICIENT_RESOURCES.has(error.code) || (error.code === STORE_FAILED && /maximum/.test(error.message));
  if (isFull)
    return new QueueFullError(`${subject} was not stored: ${error.message}`, { cause: error, retryAfterMs: 5_000 });
  if (TEMPORARY.has(error.code) || error.status === 503)
    return new MessagingUnavailableError(`${subject} was not stored: ${error.message}`, { cause: error });
  return new MessageRefusedError(`${subject} was refused: ${error.message}`, { cause: error });
}
