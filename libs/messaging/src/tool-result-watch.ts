import type { Msg, Subscription } from '@nats-io/nats-core';
import { subjects, toolCallCompleted, type ToolCallCompleted } from '@tarsy/contracts';
import { AppError, messageOf } from '@tarsy/core';
import { parseBody } from './body.js';
import type { Messaging } from './messaging.js';

/** Pause between looks that no notice caused. */
const LOOK_EVERY_MS = 2_000;

/**
 * The results of one execution's tool calls, each as soon as it is stored. Whoever stores one says so in a notice that carries it; a
 * notice may be lost, so the stream is looked at every 2 s and after a reconnect as well. Knows only results that are stored after its
 * creation without looking.
 */
export class ToolResultWatch {
  readonly #results = new Map<string, PromiseWithResolvers<ToolCallCompleted>>();
  readonly #awaited = new Set<string>();
  readonly #subscription: Subscription;
  readonly #timer: NodeJS.Timeout;
  readonly #forgetReconnect: () => void;

  constructor(
    private readonly messaging: Messaging,
    private readonly sessionId: string,
    private readonly executionId: string,
  ) {
    const subject = messaging.names.qualify(subjects.toolResultNotices(sessionId, executionId));
    this.#subscription = messaging.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) this.#hear(message);
      },
    });
    this.#timer = setInterval(() => this.#lookForAll(), LOOK_EVERY_MS);
    this.#forgetReconnect = messaging.onReconnect(() => this.#lookForAll());
  }

  /** @throws the signal's reason; {@link AppError} the stored result can not be read */
  async wait(callId: string, signal: AbortSignal): Promise<ToolCallCompleted> {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    this.#awaited.add(callId);
    try {
      return await Promise.race([this.#resultOf(callId).promise, aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
      this.#awaited.delete(callId);
    }
  }

  close(): void {
    this.#subscription.unsubscribe();
    clearInterval(this.#timer);
    this.#forgetReconnect();
  }

  #resultOf(callId: string): PromiseWithResolvers<ToolCallCompleted> {
    const known = this.#results.get(callId);
    if (known !== undefined) return known;
    const result = Promise.withResolvers<ToolCallCompleted>();
    // It may fail before anybody waits, or after nobody does any more.
    result.promise.catch(() => undefined);
    this.#results.set(callId, result);
    return result;
  }

  /** A notice without a body is of a result too large for one. */
  #hear({ subject, data }: Msg): void {
    const callId = subject.split('.').at(-1) ?? '';
    try {
      if (data.length > 0) return this.#resultOf(callId).resolve(resultIn(subject, data));
    } catch (error) {
      this.messaging.logger.warn({ subject, error: messageOf(error) }, 'messaging.notice-unreadable');
    }
    void this.#look(callId);
  }

  #lookForAll(): void {
    for (const callId of this.#awaited) void this.#look(callId);
  }

  /** NATS being away is waited out; a result that can not be read will not get better. */
  async #look(callId: string): Promise<void> {
    try {
      const result = await this.#read(callId);
      if (result !== undefined) this.#resultOf(callId).resolve(result);
    } catch (error) {
      if (error instanceof AppError && !error.retryable) this.#resultOf(callId).reject(error);
      else this.messaging.logger.debug({ error: messageOf(error) }, 'messaging.look-failed');
    }
  }

  async #read(callId: string): Promise<ToolCallCompleted | undefined> {
    const { manager, names, payloads } = this.messaging;
    const subject = subjects.toolResult(this.sessionId, this.executionId, callId);
    const stored = await manager.direct.getMessage(names.stream('SESSIONS'), { last_by_subj: names.qualify(subject) });
    if (stored === null) return undefined;
    return resultIn(subject, await payloads.resolve(stored.data, stored.header));
  }
}

function resultIn(subject: string, body: Uint8Array): ToolCallCompleted {
  return parseBody(subject, toolCallCompleted.schema, body) as ToolCallCompleted;
}
