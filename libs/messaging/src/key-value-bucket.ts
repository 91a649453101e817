import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { KV, KvEntry, KvWatchEntry } from '@nats-io/kv';
import type { QueuedIterator } from '@nats-io/nats-core';
import { messageOf } from '@tarsy/core';
import type { z } from 'zod';
import { checkBody, encodeBody, parseBody } from './body.js';
import { MessagingUnavailableError } from './messaging.errors.js';
import type { Messaging } from './messaging.js';

const ALREADY_THERE = new Set<number>([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
]);

export type BucketListener<Value> = (key: string, value: Value | undefined) => void;

/** One key-value bucket, its values checked on the way in and out. A stored value that does not fit counts as absent. */
export class KeyValueBucket<Value> {
  #opened: Promise<KV> | undefined;

  /** @internal Use {@link Buckets.open}. */
  constructor(
    private readonly messaging: Messaging,
    private readonly schema: z.ZodType<Value>,
    private readonly name: string,
    private readonly openBucket: () => Promise<KV>,
  ) {}

  /** @throws {MessagingUnavailableError} NATS does not answer; so does every other method */
  async get(key: string): Promise<Value | undefined> {
    return await this.#use(async (bucket) => {
      const entry = await bucket.get(key);
      return entry === null ? undefined : this.#valueOf(entry);
    });
  }

  /** @throws {InvalidMessageError} the value does not fit the bucket's schema */
  async put(key: string, value: Value): Promise<void> {
    const body = encodeBody(checkBody(`${this.name}/${key}`, this.schema, value));
    await this.#use((bucket) => bucket.put(key, body));
  }

  /**
   * Puts the value only where the key has none; false where it has one. After an answer that got lost the key may hold this very value:
   * who must know reads it.
   */
  async create(key: string, value: Value): Promise<boolean> {
    const body = encodeBody(checkBody(`${this.name}/${key}`, this.schema, value));
    return await this.#use(async (bucket) => {
      try {
        await bucket.create(key, body);
        return true;
      } catch (error) {
        if (error instanceof JetStreamApiError && ALREADY_THERE.has(error.code)) return false;
        throw error;
      }
    });
  }

  async delete(key: string): Promise<void> {
    await this.#use((bucket) => bucket.delete(key));
  }

  async entries(): Promise<Map<string, Value>> {
    return await this.#use(async (bucket) => {
      const found = new Map<string, Value>();
      const keys: string[] = [];
      for await (const key of await bucket.keys()) keys.push(key);
      for (const key of keys) {
        const entry = await bucket.get(key);
        const value = entry === null ? undefined : this.#valueOf(entry);
        if (value !== undefined) found.set(key, value);
      }
      return found;
    });
  }

  /**
   * Calls `listener` for what is there, then for each change; undefined means that the key is gone. Begins again after a reconnect, so a
   * value may be repeated. Returns how to stop.
   */
  async watch(listener: BucketListener<Value>): Promise<() => void> {
    const known = new Set<string>();
    let current: QueuedIterator<KvWatchEntry> | undefined;
    let stopped = false;
    const begin = async (): Promise<void> => {
      current?.stop();
      current = undefined;
      const entries = await this.#use((bucket) => bucket.watch());
      if (stopped) return entries.stop();
      current = entries;
      void this.#tell(entries, known, listener);
    };
    const beginAgain = async (): Promise<void> => {
      try {
        const there = await this.entries();
        for (const key of known) if (!there.has(key) && known.delete(key)) listener(key, undefined);
        await begin();
      } catch (error) {
        this.messaging.logger.warn({ bucket: this.name, error: messageOf(error) }, 'messaging.watch-failed');
        if (!stopped) setTimeout(() => void beginAgain(), 2_000).unref();
      }
    };
    await begin();
    const forgetReconnect = this.messaging.onReconnect(() => void beginAgain());
    return () => {
      stopped = true;
      forgetReconnect();
      current?.stop();
    };
  }

  async #tell(
    entries: QueuedIterator<KvWatchEntry>,
    known: Set<string>,
    listener: BucketListener<Value>,
  ): Promise<void> {
    for await (const entry of entries) {
      const value = this.#valueOf(entry);
      if (value === undefined) known.delete(entry.key);
      else known.add(entry.key);
      try {
        listener(entry.key, value);
      } catch (error) {
        this.messaging.logger.error({ bucket: this.name, error: messageOf(error) }, 'messaging.listener-failed');
      }
    }
  }

  #valueOf(entry: KvEntry): Value | undefined {
    if (entry.operation !== 'PUT') return undefined;
    try {
      return parseBody(`${this.name}/${entry.key}`, this.schema, entry.value);
    } catch (error) {
      this.messaging.logger.warn(
        { bucket: this.name, key: entry.key, error: messageOf(error) },
        'messaging.value-unreadable',
      );
      return undefined;
    }
  }

  async #use<Result>(work: (bucket: KV) => Promise<Result>): Promise<Result> {
    this.#opened ??= this.openBucket();
    try {
      return await work(await this.#opened);
    } catch (error) {
      this.#opened = undefined;
      throw new MessagingUnavailableError(`bucket ${this.name}: ${messageOf(error)}`, { cause: error });
    }
  }
}
