import { socketRequestSchema, type SocketReply, type SocketRequest } from '@tarsy/contracts';
import type { WebSocket } from 'ws';
import { FellBehindError } from './broadcast.js';
import { BEGINNING, cursorOfNumber, type Cursor } from './cursor.js';
import { socketFrame } from './feed-event.js';
import type { SocketChannels } from './socket-channels.js';
import type { Viewing } from './session-feed.js';

/** Events of one catch-up; a client that missed more reads the rest over REST. */
const LARGEST_CATCH_UP = 200;
const MOST_SUBSCRIPTIONS = 100;
const WRITE_TIMEOUT_MS = 10_000;
/** Bytes that may wait for the client before the connection pauses. */
const HIGH_WATER_BYTES = 256 * 1024;
/** Bytes of answers that a client which never reads may pile up. */
const LARGEST_BACKLOG_BYTES = 4 * 1024 ** 2;
/** Close codes of RFC 6455: the client should come back later. */
const TRY_AGAIN_LATER = 1013;
const TOO_SLOW = 'viewer too slow';

/** One dashboard, or script, on the WebSocket. */
export class SocketConnection {
  readonly #gone = new AbortController();
  readonly #subscriptions = new Map<string, AbortController>();
  #catchUps: Promise<void> = Promise.resolve();

  constructor(
    connectionId: string,
    private readonly socket: WebSocket,
    private readonly channels: SocketChannels,
    private readonly onError: (error: unknown) => void,
  ) {
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? '' : String(data)));
    socket.on('close', () => this.#gone.abort());
    socket.on('error', () => socket.terminate());
    this.#reply({ type: 'connection.established', connection_id: connectionId });
  }

  #receive(text: string): void {
    const request = socketRequestSchema.safeParse(parsed(text)).data;
    if (!request) return;
    if (request.action === 'ping') return this.#reply({ type: 'pong' });
    if (!request.channel) return this.#reply({ type: 'error', message: 'channel is required' });
    this.#handle(request.channel, request);
  }

  #handle(channel: string, { action, last_event_id }: SocketRequest): void {
    switch (action) {
      case 'unsubscribe':
        this.#subscriptions.get(channel)?.abort();
        this.#subscriptions.delete(channel);
        return;
      case 'subscribe':
        return this.#subscribe(channel, last_event_id === undefined ? BEGINNING : cursorOfNumber(last_event_id));
      case 'catchup':
        if (last_event_id === undefined || !this.channels.exists(channel)) return;
        this.#catchUp(channel, cursorOfNumber(last_event_id));
    }
  }

  #subscribe(channel: string, after: Cursor): void {
    const refusal = this.#refusal(channel);
    if (refusal) return this.#reply({ type: 'subscription.error', channel, message: refusal });
    this.#subscriptions.get(channel)?.abort();
    const stop = new AbortController();
    this.#subscriptions.set(channel, stop);
    this.#reply({ type: 'subscription.confirmed', channel });
    const signal = AbortSignal.any([stop.signal, this.#gone.signal]);
    this.channels
      .watch(channel, after, signal, async (viewing) => {
        await this.#sendPast(channel, viewing, signal);
        await this.#sendLive(viewing, signal);
      })
      .catch((error: unknown) => this.#fail(error));
  }

  #refusal(channel: string): string | undefined {
    if (!this.channels.exists(channel)) return 'unknown channel';
    const isNew = !this.#subscriptions.has(channel);
    return isNew && this.#subscriptions.size >= MOST_SUBSCRIPTIONS ? 'too many subscriptions' : undefined;
  }

  /** One after the other, so that a client that asks often can not make the process read often at once. */
  #catchUp(channel: string, after: Cursor): void {
    const { signal } = this.#gone;
    this.#catchUps = this.#catchUps
      .then(() => this.channels.watch(channel, after, signal, (viewing) => this.#sendPast(channel, viewing, signal)))
      .catch((error: unknown) => this.#fail(error));
  }

  async #sendPast(channel: string, viewing: Viewing, signal: AbortSignal): Promise<void> {
    let stored = 0;
    for await (const event of flattened(viewing.past)) {
      if (signal.aborted) return;
      if (event.stored) stored += 1;
      if (event.stored && stored === LARGEST_CATCH_UP + 1)
        this.#reply({ type: 'catchup.overflow', channel, has_more: true });
      const isPieceOfAnswer = event.cursor === undefined;
      if (isPieceOfAnswer || (event.stored && stored <= LARGEST_CATCH_UP)) await this.#send(socketFrame(event));
    }
  }

  async #sendLive(viewing: Viewing, signal: AbortSignal): Promise<void> {
    for await (const event of flattened(viewing.live)) {
      if (signal.aborted) return;
      await this.#send(socketFrame(event));
    }
  }

  async #send(frame: string): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return;
    const isFull = this.socket.bufferedAmount > HIGH_WATER_BYTES;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.socket.send(frame, () => resolve());
    if (!isFull) return;
    const limit = setTimeout(() => reject(new FellBehindError()), WRITE_TIMEOUT_MS);
    await promise.finally(() => clearTimeout(limit));
  }

  #reply(reply: SocketReply): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > LARGEST_BACKLOG_BYTES) this.#close(TOO_SLOW);
    else this.socket.send(JSON.stringify(reply));
  }

  #fail(error: unknown): void {
    if (this.#gone.signal.aborted) return;
    this.onError(error);
    this.#close(error instanceof FellBehindError ? TOO_SLOW : 'events interrupted');
  }

  #close(reason: string): void {
    this.#gone.abort();
    this.socket.close(TRY_AGAIN_LATER, reason);
    setTimeout(() => this.socket.terminate(), 1_000).unref();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function* flattened<Item>(batches: AsyncIterable<Item[]>): AsyncGenerator<Item> {
  for await (const batch of batches) yield* batch;
}
