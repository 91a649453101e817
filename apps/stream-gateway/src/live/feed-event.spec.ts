import type { LiveEvent } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { feedEvent, socketFrame, streamFrame } from './feed-event.js';
import { AT, SESSION_ID, STAGE_ID } from './session-log.fixture.js';

const completed = (content: string): LiveEvent => ({
  type: 'timeline_event.completed',
  session_id: SESSION_ID,
  timestamp: AT,
  event_id: STAGE_ID,
  event_type: 'llm_response',
  content,
  status: 'completed',
});

describe(feedEvent.name, () => {
  it('numbers a stored event by its cursor', () => {
    const event = feedEvent(completed('x'), { sequence: 12, index: 3 });
    expect(event.stored).toBe(true);
    expect(JSON.parse(event.json)).toMatchObject({ db_event_id: 12_003 });
    expect(streamFrame(event)).toBe(`id: 12.3\ndata: ${event.json}\n\n`);
  });

  it('gives what is not stored no number, and on a server-sent stream still an id', () => {
    const progress: LiveEvent = {
      type: 'session.progress',
      session_id: SESSION_ID,
      timestamp: AT,
      current_stage_name: 'Investigation',
      current_stage_index: 1,
      total_stages: 1,
      active_executions: 1,
      status_text: 'Stage 1 of 1',
    };
    const event = feedEvent(progress, { sequence: 12, index: 0 });
    expect(event.json).not.toContain('db_event_id');
    expect(streamFrame(event)).toContain('id: 12.0\n');
    expect(streamFrame(feedEvent(progress))).not.toContain('id:');
  });
});

describe(socketFrame.name, () => {
  it('replaces an event of more than 7,900 bytes by what to read over REST', () => {
    const event = feedEvent(completed('é'.repeat(4_000)), { sequence: 12, index: 3 });
    expect(JSON.parse(socketFrame(event))).toEqual({
      type: 'timeline_event.completed',
      event_id: STAGE_ID,
      session_id: SESSION_ID,
      truncated: true,
      db_event_id: 12_003,
    });
  });

  it('leaves a smaller one as it is', () => {
    const event = feedEvent(completed('x'.repeat(7_000)));
    expect(socketFrame(event)).toBe(event.json);
  });
});
