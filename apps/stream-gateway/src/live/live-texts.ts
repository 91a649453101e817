import type { LiveEvent, LiveEventOf, StreamChunk, TimelineStatus } from '@tarsy/contracts';
import { streamingEventIdOf, streamingSequenceNumberOf } from '@tarsy/timeline';

/** Small enough that the event stays below the limit of the WebSocket even when every character needs an escape. */
const PIECE_CHARACTERS = 1_200;
/** A longer answer goes on unseen until it is complete, so that one runaway model can not fill the process. */
const LONGEST_TEXT_CHARACTERS = 512 * 1024;
const MOST_TEXTS = 1_000;

interface LiveText {
  readonly eventId: string;
  readonly stageId: string;
  readonly executionId: string;
  readonly parentExecutionId: string | undefined;
  readonly entry: number;
  readonly part: StreamChunk['part'];
  readonly startedAt: string;
  text: string;
}

/** The answers of one session that are being written right now, each with its text so far. */
export class LiveTexts {
  readonly #texts = new Map<string, LiveText>();
  /** Newest journal position seen, by execution: a chunk of an older one comes late and says nothing new. */
  readonly #journaled = new Map<string, number>();

  constructor(private readonly sessionId: string) {}

  has(eventId: string): boolean {
    return this.#texts.has(eventId);
  }

  /** What a viewer must be told: the start of an answer, then only what is new in it. */
  apply(chunk: StreamChunk, parentExecutionId: string | undefined, at: string): LiveEvent[] {
    if (chunk.entry <= (this.#journaled.get(chunk.executionId) ?? 0)) return [];
    const eventId = streamingEventIdOf(chunk);
    const known = this.#texts.get(eventId);
    if (!known) return chunk.offset === 0 ? this.#start(eventId, chunk, parentExecutionId, at) : [];
    // What was lost in between comes again with the next chunk that repeats the whole text.
    if (chunk.offset > known.text.length) return [];
    const text = (known.text.slice(0, chunk.offset) + chunk.delta).slice(0, LONGEST_TEXT_CHARACTERS);
    if (known.text.startsWith(text)) return [];
    const continues = text.startsWith(known.text);
    const seen = continues ? known.text.length : 0;
    known.text = text;
    return [...(continues ? [] : [this.#created(known)]), ...this.#pieces(known, seen, at)];
  }

  /**
   * The journal has reached `entry`: nothing up to there is still being written.
   *
   * @param completed Events that the journal entry itself completes.
   * @param fate How the others ended, such as an answer that was cancelled; undefined where they will be written again.
   * @returns the ends of those others
   */
  journaled(
    { executionId, entry, at }: { executionId: string; entry: number; at: string },
    completed: ReadonlySet<string>,
    fate: TimelineStatus | undefined,
  ): LiveEvent[] {
    this.#journaled.set(executionId, Math.max(entry, this.#journaled.get(executionId) ?? 0));
    const done = [...this.#texts.values()].filter((text) => text.executionId === executionId && text.entry <= entry);
    for (const { eventId } of done) this.#texts.delete(eventId);
    if (fate === undefined) return [];
    return done.filter(({ eventId }) => !completed.has(eventId)).map((text) => this.#cutOff(text, fate, at));
  }

  /** What a viewer who joins now must be told first. */
  snapshot(at: string): LiveEvent[] {
    return [...this.#texts.values()].flatMap((text) => [this.#created(text), ...this.#pieces(text, 0, at)]);
  }

  #start(eventId: string, chunk: StreamChunk, parentExecutionId: string | undefined, at: string): LiveEvent[] {
    if (this.#texts.size >= MOST_TEXTS) return [];
    const { stageId, executionId, entry, part } = chunk;
    const text = chunk.delta.slice(0, LONGEST_TEXT_CHARACTERS);
    const live: LiveText = { eventId, stageId, executionId, parentExecutionId, entry, part, startedAt: at, text };
    this.#texts.set(eventId, live);
    return [this.#created(live), ...this.#pieces(live, 0, at)];
  }

  #created(text: LiveText): LiveEventOf<'timeline_event.created'> {
    return {
      type: 'timeline_event.created',
      session_id: this.sessionId,
      timestamp: text.startedAt,
      event_id: text.eventId,
      stage_id: text.stageId,
      execution_id: text.executionId,
      ...(text.parentExecutionId === undefined ? {} : { parent_execution_id: text.parentExecutionId }),
      event_type: text.part === 'thinking' ? 'llm_thinking' : 'llm_response',
      status: 'streaming',
      content: '',
      sequence_number: streamingSequenceNumberOf(text),
    };
  }

  #pieces(text: LiveText, from: number, at: string): LiveEvent[] {
    const pieces: LiveEvent[] = [];
    for (let offset = from; offset < text.text.length; offset += PIECE_CHARACTERS)
      pieces.push({
        type: 'stream.chunk',
        session_id: this.sessionId,
        timestamp: at,
        event_id: text.eventId,
        ...(text.parentExecutionId === undefined ? {} : { parent_execution_id: text.parentExecutionId }),
        delta: text.text.slice(offset, offset + PIECE_CHARACTERS),
        offset,
      });
    return pieces;
  }

  #cutOff(text: LiveText, status: TimelineStatus, at: string): LiveEvent {
    return {
      type: 'timeline_event.completed',
      session_id: this.sessionId,
      timestamp: at,
      event_id: text.eventId,
      ...(text.parentExecutionId === undefined ? {} : { parent_execution_id: text.parentExecutionId }),
      event_type: text.part === 'thinking' ? 'llm_thinking' : 'llm_response',
      content: text.text,
      status,
    };
  }
}
