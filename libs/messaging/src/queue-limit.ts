import { STREAM_SETTINGS, type StreamName } from '@tarsy/contracts';
import { QueueFullError } from './messaging.errors.js';
import { isLimitedByPublisher } from './limited-by-publisher.js';
import type { Messaging } from './messaging.js';

/** How old the known fill level may be. */
const FRESH_MS = 1_000;

interface Level {
  readonly readAt: number;
  readonly isFull: Promise<boolean>;
}

/** Holds the limits of streams that the server does not limit. Approximate: what is published within a second may go over. */
export class QueueLimit {
  readonly #levels = new Map<StreamName, Level>();

  constructor(private readonly messaging: Messaging) {}

  /** @throws {QueueFullError} the stream holds as much as its settings allow, delayed messages included */
  async assertRoom(stream: StreamName): Promise<void> {
    if (!isLimitedByPublisher(stream) || !this.messaging.isConnected()) return;
    let level = this.#levels.get(stream);
    if (level === undefined || Date.now() - level.readAt > FRESH_MS) {
      level = { readAt: Date.now(), isFull: this.#readIsFull(stream) };
      this.#levels.set(stream, level);
    }
    if (await level.isFull) throw new QueueFullError(`stream ${stream} is full`, { retryAfterMs: 5_000 });
  }

  /** A server that does not answer is for the publishing itself to report. */
  async #readIsFull(stream: StreamName): Promise<boolean> {
    const { maxMessages, maxBytes } = STREAM_SETTINGS[stream];
    try {
      const { state } = await this.messaging.manager.streams.info(this.messaging.names.stream(stream));
      return (maxMessages >= 0 && state.messages >= maxMessages) || (maxBytes >= 0 && state.bytes >= maxBytes);
    } catch {
      return false;
    }
  }
}
