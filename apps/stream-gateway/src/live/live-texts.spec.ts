import type { LiveEvent, StreamChunk } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { feedEvent, socketFrame } from './feed-event.js';
import { LiveTexts } from './live-texts.js';
import { AT, chunk, EXECUTION_ID, SESSION_ID } from './session-log.fixture.js';

const place = { executionId: EXECUTION_ID, at: AT };

/** The text that a client has after these events. */
function textOf(events: readonly LiveEvent[]): string {
  let text = '';
  for (const event of events) {
    if (event.type === 'timeline_event.created') text = event.content;
    if (event.type === 'stream.chunk') text += event.delta;
  }
  return text;
}

function applied(texts: LiveTexts, ...chunks: readonly StreamChunk[]): LiveEvent[] {
  return chunks.flatMap((each) => texts.apply(each, undefined, AT));
}

describe(LiveTexts.name, () => {
  it('announces an answer, then tells only what is new', () => {
    const events = applied(new LiveTexts(SESSION_ID), chunk(2, 1, 0, 'The '), chunk(2, 1, 4, 'disk'));
    expect(events.map(({ type }) => type)).toEqual(['timeline_event.created', 'stream.chunk', 'stream.chunk']);
    expect(events[2]).toMatchObject({ delta: 'disk', offset: 4 });
  });

  it('tells nothing twice when chunks repeat or overlap', () => {
    const events = applied(
      new LiveTexts(SESSION_ID),
      chunk(2, 1, 0, 'The '),
      chunk(2, 1, 4, 'disk'),
      chunk(2, 1, 0, 'The disk'),
      chunk(2, 1, 4, 'disk'),
      chunk(2, 1, 6, 'sk is full'),
    );
    expect(textOf(events)).toBe('The disk is full');
  });

  it('waits for the next whole text when a piece was lost', () => {
    const texts = new LiveTexts(SESSION_ID);
    expect(textOf(applied(texts, chunk(2, 1, 0, 'The '), chunk(2, 1, 8, ' is')))).toBe('The ');
    expect(textOf([...applied(texts, chunk(2, 1, 0, 'The disk is full'))])).toBe('disk is full');
  });

  it('waits for the beginning of an answer that it met in the middle', () => {
    expect(applied(new LiveTexts(SESSION_ID), chunk(2, 1, 40, 'middle'))).toEqual([]);
  });

  it('starts again when the model was asked again', () => {
    const events = applied(new LiveTexts(SESSION_ID), chunk(2, 1, 0, 'First try'), chunk(2, 1, 0, 'Second'));
    expect(events.filter(({ type }) => type === 'timeline_event.created')).toHaveLength(2);
    expect(textOf(events)).toBe('Second');
  });

  it('gives a late viewer the text so far', () => {
    const texts = new LiveTexts(SESSION_ID);
    applied(texts, chunk(2, 1, 0, 'The '), chunk(2, 1, 4, 'disk'));
    expect(textOf(texts.snapshot(AT))).toBe('The disk');
  });

  it('cuts a long text into pieces that fit one frame, whatever its characters', () => {
    const texts = new LiveTexts(SESSION_ID);
    const text = '\u0001"😀'.repeat(4_000);
    const events = [...applied(texts, chunk(2, 1, 0, text)), ...texts.snapshot(AT)];
    for (const event of events) expect(socketFrame(feedEvent(event))).not.toContain('"truncated"');
    expect(textOf(texts.snapshot(AT))).toBe(text);
  });

  it('drops chunks that come after the journal', () => {
    const texts = new LiveTexts(SESSION_ID);
    applied(texts, chunk(2, 1, 0, 'The '));
    expect(texts.journaled({ ...place, entry: 2 }, new Set(), undefined)).toEqual([]);
    expect(applied(texts, chunk(2, 1, 4, 'disk'))).toEqual([]);
    expect(texts.snapshot(AT)).toEqual([]);
  });

  it('ends an answer that the journal will never hold', () => {
    const texts = new LiveTexts(SESSION_ID);
    applied(texts, chunk(2, 1, 0, 'The '));
    expect(texts.journaled({ ...place, entry: 3 }, new Set(), 'cancelled')).toMatchObject([
      { type: 'timeline_event.completed', status: 'cancelled', content: 'The ' },
    ]);
  });
});
