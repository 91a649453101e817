import type { StreamChunk } from '@tarsy/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AnswerStream } from './answer-stream.js';

const place = { sessionId: 's', stageId: 'st', executionId: 'e', turn: 1, entry: 3, callId: 'c' };
let chunks: StreamChunk[];
let stream: AnswerStream;

/** What a viewer has after these chunks. */
function textOf(part: StreamChunk['part'], seen = chunks): string {
  return seen
    .filter((chunk) => chunk.part === part)
    .reduce((text, { offset, delta }) => text.slice(0, offset) + delta, '');
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  chunks = [];
  stream = new AnswerStream(place, (chunk) => chunks.push(chunk));
});
afterEach(() => {
  vi.useRealTimers();
});

describe(AnswerStream.name, () => {
  it('sends what came within 20 ms together', () => {
    for (const word of ['the ', 'disk ', 'is ']) stream.add('text', word);
    expect(chunks).toEqual([]);
    vi.advanceTimersByTime(20);
    stream.add('text', 'full');
    vi.advanceTimersByTime(20);
    expect(chunks.map(({ offset, delta }) => [offset, delta])).toEqual([
      [0, 'the disk is '],
      [12, 'full'],
    ]);
  });

  it('sends the rest when it is told to, once', () => {
    stream.add('thinking', 'hm');
    stream.add('text', 'ok');
    stream.flush();
    vi.advanceTimersByTime(1_000);
    stream.flush();
    expect(chunks.map(({ part, delta }) => [part, delta])).toEqual([
      ['thinking', 'hm'],
      ['text', 'ok'],
    ]);
  });

  it('repeats the whole text every 10 s, so that a viewer who missed some has all', () => {
    stream.add('text', 'a'.repeat(10));
    vi.advanceTimersByTime(10_000);
    const seenBefore = chunks.length;
    stream.add('text', 'b');
    vi.advanceTimersByTime(20);
    expect(textOf('text')).toBe(stream.text);
    expect(textOf('text', chunks.slice(seenBefore))).toBe(stream.text);
  });

  it('stops a model that is caught in a loop, and keeps what there is', () => {
    const sentence = 'I check the disk of the node again, to be sure. ';
    expect(() => {
      for (let count = 0; count < 100; count++) stream.add('text', sentence);
    }).toThrow('repeats itself');
    expect(stream.text.length).toBeLessThan(2_100);
  });

  it('refuses to grow without end', () => {
    stream.add('thinking', 'x'.repeat(999_999));
    expect(() => stream.add('thinking', 'xx')).toThrow('more than 1000000');
  });
});
