import type { LiveEvent, TimelineEventView } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { Timeline } from './timeline';

const base = { session_id: 'session', timestamp: '2026-01-01T00:00:00Z' };
const created = (id: string, extra: Partial<LiveEvent> = {}): LiveEvent =>
  ({ ...base, type: 'timeline_event.created', event_id: id, event_type: 'llm_response', status: 'streaming', content: '', stage_id: 'stage', execution_id: 'execution', sequence_number: 1, ...extra }) as LiveEvent; // prettier-ignore
const chunk = (id: string, offset: number, delta: string): LiveEvent =>
  ({ ...base, type: 'stream.chunk', event_id: id, offset, delta }) as LiveEvent;
const completed = (id: string, content: string, extra: Partial<LiveEvent> = {}): LiveEvent =>
  ({ ...base, type: 'timeline_event.completed', event_id: id, event_type: 'llm_response', content, status: 'completed', ...extra }) as LiveEvent; // prettier-ignore

function after(...events: LiveEvent[]): Timeline {
  const timeline = new Timeline();
  for (const event of events) timeline.apply(event);
  return timeline;
}
const texts = (timeline: Timeline): string[] => timeline.items.map(({ content }) => content);

describe(Timeline.name, () => {
  it('puts an answer together from its pieces, then takes the finished text', () => {
    const events = [created('a'), chunk('a', 0, 'Disk '), chunk('a', 5, 'is full')];
    expect(texts(after(...events))).toEqual(['Disk is full']);
    expect(texts(after(...events, completed('a', 'Disk is full.')))).toEqual(['Disk is full.']);
  });

  it('applies a piece that comes again without doubling it', () => {
    expect(texts(after(created('a'), chunk('a', 0, 'Disk '), chunk('a', 0, 'Disk '), chunk('a', 5, 'x')))).toEqual([
      'Disk x',
    ]);
  });

  it('leaves out a piece whose beginning is missing', () => {
    expect(texts(after(created('a'), chunk('a', 40, 'later')))).toEqual(['']);
  });

  it('starts a running answer again when it is told anew after a reconnect', () => {
    const timeline = after(
      created('a'),
      chunk('a', 0, 'Disk is'),
      created('b'),
      created('a'),
      chunk('a', 0, 'Disk is full'),
    );
    expect(texts(timeline)).toEqual(['Disk is full', '']);
  });

  it('keeps a finished text when an old announcement or piece comes late', () => {
    expect(texts(after(created('a'), completed('a', 'done'), created('a'), chunk('a', 0, 'dooo')))).toEqual(['done']);
  });

  it('takes a stored event once', () => {
    const timeline = after(completed('a', 'new', { db_event_id: 9 }));
    expect(timeline.apply(completed('a', 'old', { db_event_id: 9 }))).toBe(false);
    expect(timeline.apply(completed('a', 'older', { db_event_id: 3 }))).toBe(false);
    expect(texts(timeline)).toEqual(['new']);
  });

  it("keeps a tool call's arguments when its result completes it", () => {
    const call = created('a', { event_type: 'llm_tool_call', metadata: { tool_name: 'disk' } } as Partial<LiveEvent>);
    const timeline = after(call, completed('a', 'ok', { metadata: { is_error: false } } as Partial<LiveEvent>));
    expect(timeline.items[0]).toMatchObject({
      metadata: { tool_name: 'disk', is_error: false },
      executionId: 'execution',
    });
  });

  it('orders stored events by time, then by their place in the execution, and keeps what it has', () => {
    const view = (id: string, created_at: string, sequence_number: number): TimelineEventView =>
      ({ id, created_at, sequence_number, event_type: 'llm_response', status: 'completed', content: id, edges: {} }) as TimelineEventView; // prettier-ignore
    const timeline = after(completed('b', 'live', { timestamp: '2026-01-01T00:00:03Z' }));
    timeline.addStored([view('c', '2026-01-01T00:00:02Z', 1), view('d', '2026-01-01T00:00:01Z', 2), view('a', '2026-01-01T00:00:01Z', 1), view('b', '2026-01-01T00:00:00Z', 1)]); // prettier-ignore
    expect(texts(timeline)).toEqual(['a', 'd', 'c', 'live']);
  });
});
