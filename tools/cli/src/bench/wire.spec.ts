import { describe, expect, it } from 'vitest';
import { alertBody, AnswerCounter, completionChunk, splitEvents, timeMark, timeMarksIn } from './wire.js';

describe('what load generators send and read', () => {
  it('finds every time mark in a text', () => {
    const text = `${timeMark(1_234_567_890n)}a ~ b ${timeMark(5_000n)}${timeMark(6_999n)}`;
    expect(timeMarksIn(text)).toEqual([1_234_567, 5, 6]);
    expect(timeMarksIn('none ~x~')).toEqual([]);
  });

  it('keeps an unfinished event', () => {
    expect(splitEvents('data: 1\n\ndata: 2\n\nda')).toEqual({ events: ['data: 1', 'data: 2'], rest: 'da' });
    expect(splitEvents('data: 1\n\n')).toEqual({ events: ['data: 1'], rest: '' });
  });

  it('counts answers that come in any pieces', () => {
    const answer = 'HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello';
    const text = `${answer}HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n${answer}`;
    for (const size of [1, 7, text.length]) {
      const counter = new AnswerCounter();
      const statuses: number[] = [];
      for (let at = 0; at < text.length; at += size) statuses.push(...counter.take(text.slice(at, at + size)));
      expect(statuses).toEqual([202, 503, 202]);
    }
  });

  it('makes alerts of the asked size that differ', () => {
    const body = alertBody(7, 1_024);
    expect(Buffer.byteLength(body)).toBe(1_024);
    expect(JSON.parse(body)).toMatchObject({ alert_type: 'bench' });
    expect(alertBody(8, 1_024)).not.toBe(body);
    expect(Buffer.byteLength(alertBody(1_234_567, 1_024))).toBe(1_024);
  });

  it('writes completions as events', () => {
    expect(JSON.parse(completionChunk({ content: 'x' }).slice(6))).toMatchObject({
      choices: [{ delta: { content: 'x' } }],
    });
    expect(JSON.parse(completionChunk(undefined).slice(6))).toMatchObject({
      choices: [],
      usage: { total_tokens: 120 },
    });
  });
});
