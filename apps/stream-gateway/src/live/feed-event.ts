import { LARGEST_SOCKET_EVENT_BYTES, type LiveEvent, type TruncatedEvent } from '@tarsy/contracts';
import { cursorNumber, cursorText, type Cursor } from './cursor.js';

/** One event on its way to every viewer of a session: turned into text once. */
export interface FeedEvent {
  readonly event: LiveEvent;
  /** Absent from events that come from no message of the log: the pieces of an answer that is being written. */
  readonly cursor: Cursor | undefined;
  /** Replayed to a WebSocket that catches up; a server-sent stream replays everything that has a cursor. */
  readonly stored: boolean;
  readonly json: string;
}

const STORED_TYPES: ReadonlySet<LiveEvent['type']> = new Set([
  'timeline_event.created',
  'timeline_event.completed',
  'session.status',
  'stage.status',
  'interaction.created',
]);

export function feedEvent(event: LiveEvent, cursor?: Cursor): FeedEvent {
  const stored = cursor !== undefined && STORED_TYPES.has(event.type);
  const numbered = stored ? { ...event, db_event_id: cursorNumber(cursor) } : event;
  return { event: numbered, cursor, stored, json: JSON.stringify(numbered) };
}

/** The event as one message of a server-sent stream. */
export const streamFrame = ({ cursor, json }: FeedEvent): string =>
  cursor ? `id: ${cursorText(cursor)}\ndata: ${json}\n\n` : `data: ${json}\n\n`;

/** The event as one WebSocket frame; a large one says only what to read over REST. */
export function socketFrame({ event, json }: FeedEvent): string {
  if (Buffer.byteLength(json) <= LARGEST_SOCKET_EVENT_BYTES) return json;
  const truncated: TruncatedEvent = {
    type: event.type,
    ...('event_id' in event ? { event_id: event.event_id } : {}),
    session_id: event.session_id,
    truncated: true,
    ...(event.db_event_id === undefined ? {} : { db_event_id: event.db_event_id }),
  };
  return JSON.stringify(truncated);
}
