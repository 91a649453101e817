/** Which event of a session a viewer saw last: a message of the session log, and the event's place among those it makes. */
export interface Cursor {
  /** Sequence in the stream; 0 is before the first. */
  readonly sequence: number;
  readonly index: number;
}

export const BEGINNING: Cursor = { sequence: 0, index: 0 };

/** More than any message makes; keeps ids whole numbers below 2^53 for 9 * 10^12 messages. */
const EVENTS_PER_MESSAGE = 1_000;

export const isAfter = (one: Cursor, other: Cursor): boolean =>
  one.sequence > other.sequence || (one.sequence === other.sequence && one.index > other.index);

/** Id of a server-sent event: `<sequence>.<index>`. */
export const cursorText = ({ sequence, index }: Cursor): string => `${sequence}.${index}`;

/** Reads a `Last-Event-ID`. A sequence alone means its whole message; anything else is the beginning. */
export function parseCursorText(text: string | undefined): Cursor {
  const match = /^(\d{1,15})(?:\.(\d{1,3}))?$/.exec(text?.trim() ?? '');
  if (!match) return BEGINNING;
  return { sequence: Number(match[1]), index: match[2] === undefined ? EVENTS_PER_MESSAGE - 1 : Number(match[2]) };
}

/** The same as one growing whole number, as the WebSocket wants it (`db_event_id`). */
export const cursorNumber = ({ sequence, index }: Cursor): number => sequence * EVENTS_PER_MESSAGE + index;

export const cursorOfNumber = (value: number): Cursor => ({
  sequence: Math.floor(value / EVENTS_PER_MESSAGE),
  index: value % EVENTS_PER_MESSAGE,
});
