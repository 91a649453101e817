import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import { subjects } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { Tracing, type Logger } from '@tarsy/observability';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { encodeBody, parseBody } from './body.js';
import { connectToServer } from './connection.js';
import type { MessagingOptions } from './messaging-options.js';
import { Namespace } from './namespace.js';
import { PayloadStore } from './payload-store.js';
import { deleteTopology, ensureTopology } from './topology.js';

/** A reply that nobody awaits is given up after this long. */
const ABANDONED_REPLY_MS = 60_000;
const CLOSE_TIMEOUT_MS = 5_000;
const TOPOLOGY_WAIT_MS = 60_000;
/** Only what is in memory can be missing then, and whoever waits for it also looks by itself. */
const TOPOLOGY_WAIT_AFTER_RECONNECT_MS = 10_000;
/** Of JetStream's own interface: creating, reading, asking for state. */
const REQUEST_TIMEOUT_MS = 5_000;

/** Does not keep the process alive. */
const sleep = (delayMs: number): Promise<void> => delay(delayMs, undefined, { ref: false });

interface PendingReply {
  readonly subscription: Subscription;
  readonly answer: Promise<Uint8Array | undefined>;
}

/** The process's connection to NATS: one per process. It reconnects for ever; see {@link isConnected}. */
export class Messaging {
  readonly #reconnectListeners = new Set<() => void>();
  readonly #replies = new Map<string, PendingReply>();
  #connected = true;
  #reconnected = Promise.withResolvers<void>();
  #topologyWanted = false;

  /** @internal */
  readonly jetstream: JetStreamClient;
  /** @internal */
  readonly payloads: PayloadStore;

  private constructor(
    /** @internal */
    readonly connection: NatsConnection,
    /** @internal */
    readonly manager: JetStreamManager,
    /** @internal */
    readonly names: Namespace,
    /** @internal */
    readonly logger: Logger,
    private readonly streamReplicas: number,
    /** @internal */
    readonly tracing: Tracing,
  ) {
    this.jetstream = jetstream(connection, { timeout: REQUEST_TIMEOUT_MS });
    this.payloads = new PayloadStore(this.jetstream, names);
    void this.#watchConnection();
  }

  /**
   * @throws {InvalidNamespaceError} the namespace can not be part of a subject
   * @throws {MessagingUnavailableError} no connection within `connectTimeoutMs`
   * @throws {UnsupportedServerError} the server is older than `MINIMUM_SERVER_VERSION`
   */
  static async connect(options: MessagingOptions, logger: Logger): Promise<Messaging> {
    const names = new Namespace(options.namespace);
    const connection = await connectToServer(options, names, logger);
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: REQUEST_TIMEOUT_MS });
    return new Messaging(
      connection,
      manager,
      names,
      logger,
      options.streamReplicas ?? 1,
      options.tracing ?? new Tracing(),
    );
  }

  get namespace(): string {
    return this.names.name;
  }

  /**
   * Creates or updates every stream, bucket and object store; whoever may not create them waits for them. Replicas may do this at the
   * same time; repeated after a reconnect.
   * @throws {MessagingUnavailableError} something is missing, and nobody has created it after a minute
   */
  async ensureTopology(waitMs = TOPOLOGY_WAIT_MS): Promise<void> {
    this.#topologyWanted = true;
    await ensureTopology(this.manager, this.names, { replicas: this.streamReplicas, waitMs }, this.logger);
  }

  /** Removes every stream, bucket and object store of the namespace with all they hold. */
  async deleteTopology(): Promise<void> {
    this.#topologyWanted = false;
    await deleteTopology(this.manager, this.names);
  }

  isConnected(): boolean {
    return this.#connected && !this.connection.isClosed();
  }

  /** @internal Resolves when there is a connection, or after `timeoutMs`. */
  async untilConnected(timeoutMs: number): Promise<void> {
    if (!this.isConnected() && timeoutMs > 0) await Promise.race([this.#reconnected.promise, sleep(timeoutMs)]);
  }

  /** Calls `listener` after each reconnect, when the topology is there again. Returns how to stop that. */
  onReconnect(listener: () => void): () => void {
    this.#reconnectListeners.add(listener);
    return () => this.#reconnectListeners.delete(listener);
  }

  /** Sends what is buffered and closes; a server that is away does not hold it up for more than 10 s. */
  async close(): Promise<void> {
    if (this.connection.isClosed()) return;
    // Draining waits for a server that may never come back.
    if (this.#connected) await Promise.race([this.connection.drain(), sleep(CLOSE_TIMEOUT_MS)]).catch(() => undefined);
    await Promise.race([this.connection.close(), sleep(CLOSE_TIMEOUT_MS)]);
  }

  /** A subject for one answer. It listens from now on, so the command that carries it may be published at once. */
  newReplySubject(): string {
    const subject = this.names.qualify(subjects.reply(randomUUID()));
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
    const subscription = this.connection.subscribe(subject, {
      max: 1,
      callback: (_error, message) => resolve(message?.data),
    });
    this.#replies.set(subject, { subscription, answer: promise });
    setTimeout(() => this.#dropReply(subject), ABANDONED_REPLY_MS).unref();
    return subject;
  }

  /**
   * Waits for the answer on a subject from {@link newReplySubject}; undefined when there is none within `timeoutMs`.
   * @throws {InvalidMessageError} the answer does not fit the schema
   */
  async awaitReply<Schema extends z.ZodType>(
    replySubject: string,
    schema: Schema,
    timeoutMs: number,
  ): Promise<z.output<Schema> | undefined> {
    const pending = this.#replies.get(replySubject);
    if (pending === undefined) return undefined;
    const timeout = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => timeout.resolve(undefined), timeoutMs);
    const data = await Promise.race([pending.answer, timeout.promise]);
    clearTimeout(timer);
    this.#dropReply(replySubject);
    return data === undefined ? undefined : parseBody('reply', schema, data);
  }

  /** Answers a command. Best effort: whoever asked may be gone. */
  reply(replyTo: string, answer: unknown): void {
    try {
      this.connection.publish(replyTo, encodeBody(answer));
    } catch (error) {
      this.logger.debug({ error: messageOf(error) }, 'messaging.reply-not-sent');
    }
  }

  #dropReply(subject: string): void {
    this.#replies.get(subject)?.subscription.unsubscribe();
    this.#replies.delete(subject);
  }

  async #watchConnection(): Promise<void> {
    for await (const status of this.connection.status()) {
      const { type } = status;
      if (type === 'disconnect') {
        if (this.#connected) this.#reconnected = Promise.withResolvers();
        this.#connected = false;
        this.logger.warn('messaging.disconnected');
      } else if (type === 'reconnect') {
        this.#connected = true;
        this.#reconnected.resolve();
        this.logger.info('messaging.reconnected');
        void this.#afterReconnect();
      } else if (type === 'error') {
        // Most often a permission that this user lacks: the log is the only place that names it.
        this.logger.warn({ error: messageOf(status.error) }, 'messaging.server-error');
      }
    }
  }

  /** Streams and buckets in memory are gone when the server was restarted. */
  async #afterReconnect(): Promise<void> {
    try {
      if (this.#topologyWanted) await this.ensureTopology(TOPOLOGY_WAIT_AFTER_RECONNECT_MS);
    } catch (error) {
      this.logger.error({ error: messageOf(error) }, 'messaging.topology-failed');
    }
    for (const listener of this.#reconnectListeners) listener();
  }
}
