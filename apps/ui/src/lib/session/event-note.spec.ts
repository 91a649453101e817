import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '#lib/live/timeline';
import { noteOf } from './event-note';

const note = (type: TimelineItem['type'], metadata: TimelineItem['metadata']): string | undefined =>
  noteOf({ type, metadata } as TimelineItem);

describe(noteOf.name, () => {
  it('says who wrote to the agents', () => {
    expect(note('guidance_received', { author: 'ann' })).toBe('from ann');
    expect(note('user_question', { author: 'bob' })).toBe('from bob');
    expect(note('user_question', {})).toBeUndefined();
  });

  it.each([
    [{ max_iterations: 20, iterations_used: 20 }, 'concluded at the limit of 20 iterations'],
    [{ max_iterations: 20, budget_used_up: 'tokens' }, 'concluded early: token budget used up'],
    [{ budget_used_up: 'wall_time' }, 'concluded early: time budget used up'],
    [{ budget_used_up: 'something new' }, 'concluded at the limit'],
  ])('says why an agent had to conclude: %j', (metadata, text) => {
    expect(note('final_analysis', { forced_conclusion: true, ...metadata })).toBe(text);
  });

  it('says nothing of what ended by itself', () => {
    expect(note('final_analysis', { max_iterations: 20 })).toBeUndefined();
    expect(note('llm_response', { author: 'nobody' })).toBeUndefined();
  });
});
