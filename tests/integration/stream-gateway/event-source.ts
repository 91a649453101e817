import type { LiveEvent } from '@tarsy/contracts';
import { serverSentEvents } from '../../../tools/cli/src/commands/server-sent-events.js';

export interface ReceivedEvent {
  /** Absent from events that can not be resumed after. */
  readonly id: string | undefined;
  /** `message` unless the stream names it. */
  readonly name: string;
  readonly data: LiveEvent;
}

/**
 * Reads a server-sent stream until it ends, or until `isEnough` says so and cuts the connection.
 * @param lastEventId As an EventSource sends it after a reconnect.
 */
export async function readEvents(
  url: string,
  lastEventId?: string,
  isEnough: (events: readonly ReceivedEvent[]) => boolean = () => false,
): Promise<{ status: number; events: ReceivedEvent[] }> {
  const abort = new AbortController();
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetch(url, { headers, signal: AbortSignal.any([abort.signal, AbortSignal.timeout(20_000)]) });
  const events: ReceivedEvent[] = [];
  if (response.status !== 200 || !response.body) return { status: response.status, events };
  if (isEnough(events)) abort.abort();
  try {
    for await (const { id, event, data } of serverSentEvents(response.body)) {
      if (data === '') continue;
      events.push({ id: id || undefined, name: event || 'message', data: JSON.parse(data) as LiveEvent });
      if (!isEnough(events)) continue;
      abort.abort();
      break;
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
  return { status: 200, events };
}

/** The timeline as a client has it after these events: content by event id. */
export function contentsOf(events: readonly ReceivedEvent[]): Map<string, string> {
  const contents = new Map<string, string>();
  for (const { data } of events) {
    if (data.type === 'timeline_event.created' || data.type === 'timeline_event.completed')
      contents.set(data.event_id, data.content);
    if (data.type === 'stream.chunk') contents.set(data.event_id, (contents.get(data.event_id) ?? '') + data.delta);
  }
  return contents;
}
