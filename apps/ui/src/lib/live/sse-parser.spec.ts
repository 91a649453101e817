import { describe, expect, it } from 'vitest';
import { SseParser } from './sse-parser';

describe(SseParser.name, () => {
  it('reads messages with and without ids, and keeps the last id', () => {
    const messages = new SseParser().push(
      'retry: 1000\n\nid: 7.0\ndata: {"a":1}\n\ndata: b\n\nevent: end\ndata: {}\n\n',
    );
    expect(messages).toEqual([
      { event: 'message', data: '{"a":1}', lastEventId: '7.0' },
      { event: 'message', data: 'b', lastEventId: '7.0' },
      { event: 'end', data: '{}', lastEventId: '7.0' },
    ]);
  });

  it('gives the same however the text is cut', () => {
    const text = 'id: 1.0\r\ndata: one\r\ndata: two\r\n\r\n: heartbeat\n\nid: 2.0\ndata:three\n\n';
    const whole = new SseParser().push(text);
    const parser = new SseParser();
    expect([...text].flatMap((character) => parser.push(character))).toEqual(whole);
    expect(whole.map(({ data }) => data)).toEqual(['one\ntwo', 'three']);
  });

  it('completes nothing on a heartbeat', () => {
    expect(new SseParser().push(': heartbeat\n\n')).toEqual([]);
  });
});
