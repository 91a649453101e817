import type { JetStreamClient } from '@nats-io/jetstream';
import { headers as newHeaders, type MsgHdrs } from '@nats-io/nats-core';
import { Objm, type ObjectStore } from '@nats-io/obj';
import { CLAIM_CHECK_BYTES, PAYLOADS_OBJECT_STORE } from '@tarsy/contracts';
import { sha256 } from '@tarsy/core';
import { PayloadMissingError } from './messaging.errors.js';
import type { Namespace } from './namespace.js';

/** Carried by a message whose body is in the object store. */
export const PAYLOAD_REFERENCE_HEADER = 'Tarsy-Payload-Reference';

/** Bodies that are too large to travel: the message carries a reference instead (a claim check). */
export class PayloadStore {
  readonly #name: string;
  readonly #objects: Objm;
  #store: Promise<ObjectStore> | undefined;

  constructor(client: JetStreamClient, names: Namespace) {
    this.#name = names.bucket(PAYLOADS_OBJECT_STORE);
    this.#objects = new Objm(client);
  }

  /**
   * Puts a large body away and leaves a reference in `headers`. The key follows from message id and content, so publishing again
   * stores nothing new. Returns what the message carries.
   */
  async checkIn(messageId: string, body: Uint8Array, headers: MsgHdrs): Promise<Uint8Array> {
    if (body.length <= CLAIM_CHECK_BYTES) return body;
    const key = `${sha256(messageId).slice(0, 32)}-${sha256(body).slice(0, 32)}`;
    const store = await this.#open();
    const known = await store.info(key);
    if (known === null || known.deleted || known.size !== body.length) await store.putBlob({ name: key }, body);
    headers.set(PAYLOAD_REFERENCE_HEADER, key);
    return new Uint8Array();
  }

  /**
   * The whole body of a message.
   * @throws {PayloadMissingError} the store no longer has it
   */
  async resolve(data: Uint8Array, headers: MsgHdrs | undefined): Promise<Uint8Array> {
    const key = referenceOf(headers);
    if (key === undefined) return data;
    const body = await (await this.#open()).getBlob(key);
    if (body === null) throw new PayloadMissingError(`payload ${key} is gone`);
    return body;
  }

  /** Removes what a message refers to, once nobody can need it any more. */
  async discard(headers: MsgHdrs | undefined): Promise<void> {
    const key = referenceOf(headers);
    if (key !== undefined) await (await this.#open()).delete(key);
  }

  #open(): Promise<ObjectStore> {
    this.#store ??= this.#objects.open(this.#name, false).catch((error: unknown) => {
      this.#store = undefined;
      throw error;
    });
    return this.#store;
  }
}

export function referenceOf(headers: MsgHdrs | undefined): string | undefined {
  return headers?.get(PAYLOAD_REFERENCE_HEADER) || undefined;
}

/** A copy that can be changed. */
export function copyHeaders(headers: MsgHdrs | undefined, keep: (name: string) => boolean = () => true): MsgHdrs {
  const copy = newHeaders();
  for (const name of headers?.keys() ?? []) if (keep(name)) copy.set(name, headers!.get(name));
  return copy;
}
