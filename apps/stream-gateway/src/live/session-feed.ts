import type { StreamChunk } from '@tarsy/contracts';
import type { Clock } from '@tarsy/core';
import type { ChunkReader, SessionLog, SessionLogMessage } from '@tarsy/messaging';
import { Broadcast } from './broadcast.js';
import { isAfter, type Cursor } from './cursor.js';
import { feedEvent, type FeedEvent } from './feed-event.js';
import { LiveTexts } from './live-texts.js';
import { SessionEvents } from './session-events.js';

const LIVE_LIMITS = { maxItems: 4_096, maxBytes: 8 * 1024 ** 2 };
const HISTORY_LIMITS = { maxItems: 10_000, maxBytes: 8 * 1024 ** 2 };
/** Time for the log up to now to arrive; a log that was purged meanwhile never does. */
const LONGEST_CATCH_UP_MS = 10_000;

export interface FeedSources {
  readonly log: SessionLog;
  readonly chunks: ChunkReader;
  readonly clock: Clock;
}

/** What one viewer gets: first what was, then what happens. Nothing is missing in between and nothing comes twice. */
export interface Viewing {
  readonly past: AsyncIterable<FeedEvent[]>;
  readonly live: AsyncIterable<FeedEvent[]>;
  /** The session had ended when the viewer joined, and no question about it was being answered: all there is to see is in `past`. */
  readonly isOver: boolean;
  /** The log holds nothing of this session, or no longer. */
  readonly isEmpty: boolean;
}

/**
 * One watched session: reads its log and the answers being written once, for all viewers in this process. Memory is
 * bounded: a viewer who wants more history than is kept reads the log again, one who is too slow is let go.
 */
export class SessionFeed {
  readonly #stop = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #live = new Broadcast<FeedEvent>(LIVE_LIMITS);
  readonly #events: SessionEvents;
  readonly #texts: LiveTexts;
  #history: FeedEvent[] = [];
  #historyBytes = 0;
  /** Newest sequence of which an event was dropped from the history. */
  #forgotten = 0;
  #sequence = 0;
  #over = false;
  /** Joining viewers who wait for the next message. */
  readonly #awaiting = new Set<() => void>();

  constructor(
    readonly sessionId: string,
    private readonly sources: FeedSources,
    /** Called once when the feed can not go on. */
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.#events = new SessionEvents(sessionId);
    this.#texts = new LiveTexts(sessionId);
    this.#ready.promise.catch(() => undefined);
    for (const reading of [this.#readLog(), this.#readChunks()]) reading.catch((error: unknown) => this.#fail(error));
  }

  /** Waits until the feed knows everything up to now, then joins it after `after`. */
  async join(after: Cursor, signal: AbortSignal): Promise<Viewing> {
    await this.#ready.promise;
    // Perhaps a question was asked this very moment, by the person who joins now to read its answer.
    if (this.#over || this.#sequence === 0) await this.#caughtUp();
    const position = this.#live.position;
    const texts = this.#texts.snapshot(this.sources.clock.nowIso()).map((event) => feedEvent(event));
    return {
      past: this.#past(after, texts, signal),
      live: this.#live.read(position, signal),
      isOver: this.#over,
      isEmpty: this.#sequence === 0,
    };
  }

  close(): void {
    this.#stop.abort();
    this.#ready.resolve();
    this.#live.close();
  }

  /** The list of what is in memory is taken at once, so that it ends exactly where the live part begins. */
  #past(after: Cursor, texts: FeedEvent[], signal: AbortSignal): AsyncIterable<FeedEvent[]> {
    const known = this.#history.filter(({ cursor }) => isAfter(cursor!, after));
    const isWhole = this.#forgotten === 0 || after.sequence > this.#forgotten;
    const upTo = this.#sequence;
    const stored = isWhole ? [known] : this.#readAgain(after, upTo, signal);
    return concatenated(stored, texts);
  }

  async *#readAgain(after: Cursor, upTo: number, signal: AbortSignal): AsyncGenerator<FeedEvent[]> {
    const stop = AbortSignal.any([signal, this.#stop.signal]);
    const events = new SessionEvents(this.sessionId);
    for await (const message of this.sources.log.follow(this.sessionId, 0, stop)) {
      if (message.sequence > upTo) return;
      const wanted = mapped(events, message).filter(({ cursor }) => isAfter(cursor!, after));
      if (wanted.length > 0) yield wanted;
      if (message.sequence === upTo) return;
    }
  }

  async #readLog(): Promise<void> {
    const { log } = this.sources;
    const target = await log.lastSequence(this.sessionId);
    if (target === 0) this.#ready.resolve();
    else setTimeout(() => this.#ready.resolve(), LONGEST_CATCH_UP_MS).unref();
    for await (const message of log.follow(this.sessionId, 0, this.#stop.signal)) {
      this.#take(message);
      if (message.sequence >= target) this.#ready.resolve();
    }
  }

  /** Until the feed has what the log holds at this moment. */
  async #caughtUp(): Promise<void> {
    const target = await this.sources.log.lastSequence(this.sessionId);
    const giveUp = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(LONGEST_CATCH_UP_MS)]);
    while (this.#sequence < target && !giveUp.aborted)
      await new Promise<void>((resolve) => {
        this.#awaiting.add(resolve);
        giveUp.addEventListener('abort', () => resolve(), { once: true });
      });
  }

  #arrived(): void {
    for (const resolve of this.#awaiting) resolve();
    this.#awaiting.clear();
  }

  async #readChunks(): Promise<void> {
    await this.#ready.promise;
    for await (const chunk of this.sources.chunks.follow(this.sessionId, this.#stop.signal)) this.#takeChunk(chunk);
  }

  #take(message: SessionLogMessage): void {
    this.#sequence = message.sequence;
    for (const event of mapped(this.#events, message)) {
      this.#remember(event);
      if (!this.#isAnnounced(event)) this.#publish(event);
    }
    if (message.kind === 'journal') this.#settleTexts(message.entry);
    this.#over = this.#events.isOver;
    this.#arrived();
  }

  /** Viewers were told of the event when its first piece came; only those who join later need to hear of it. */
  #isAnnounced({ event }: FeedEvent): boolean {
    return event.type === 'timeline_event.created' && event.status === 'streaming' && this.#texts.has(event.event_id);
  }

  #settleTexts(entry: Extract<SessionLogMessage, { kind: 'journal' }>['entry']): void {
    const ends = this.#texts.journaled(entry, this.#events.completedBy(entry), this.#events.fateOf(entry));
    for (const end of ends) this.#publish(feedEvent(end));
  }

  #takeChunk(chunk: StreamChunk): void {
    const parent = this.#events.parentOf(chunk.executionId);
    for (const event of this.#texts.apply(chunk, parent, this.sources.clock.nowIso())) this.#publish(feedEvent(event));
  }

  #publish(event: FeedEvent): void {
    this.#live.publish(event, event.json.length);
  }

  #remember(event: FeedEvent): void {
    this.#history.push(event);
    this.#historyBytes += event.json.length;
    while (this.#history.length > HISTORY_LIMITS.maxItems || this.#historyBytes > HISTORY_LIMITS.maxBytes) {
      const dropped = this.#history.shift()!;
      this.#historyBytes -= dropped.json.length;
      this.#forgotten = dropped.cursor!.sequence;
    }
  }

  #fail(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#ready.reject(error);
    this.#live.close(error);
    this.onFailure(error);
  }
}

function mapped(events: SessionEvents, message: SessionLogMessage): FeedEvent[] {
  return events.of(message).map((event, index) => feedEvent(event, { sequence: message.sequence, index }));
}

async function* concatenated(
  batches: Iterable<FeedEvent[]> | AsyncIterable<FeedEvent[]>,
  last: FeedEvent[],
): AsyncGenerator<FeedEvent[]> {
  for await (const batch of batches) if (batch.length > 0) yield batch;
  if (last.length > 0) yield last;
}
