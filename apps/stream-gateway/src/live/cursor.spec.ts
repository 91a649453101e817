import { describe, expect, it } from 'vitest';
import { cursorNumber, cursorOfNumber, cursorText, isAfter, parseCursorText } from './cursor.js';

describe('cursor', () => {
  it('survives its text and its number', () => {
    const cursor = { sequence: 4_000_000_123, index: 7 };
    expect(parseCursorText(cursorText(cursor))).toEqual(cursor);
    expect(cursorOfNumber(cursorNumber(cursor))).toEqual(cursor);
  });

  it('reads a sequence alone as its whole message', () => {
    expect(isAfter({ sequence: 12, index: 900 }, parseCursorText('12'))).toBe(false);
    expect(isAfter({ sequence: 13, index: 1 }, parseCursorText('12'))).toBe(true);
  });

  it.each([undefined, '', 'abc', '-1', '1.2.3', '1e9', '99999999999999999999'])(
    'takes %s for the beginning',
    (text) => {
      expect(parseCursorText(text)).toEqual({ sequence: 0, index: 0 });
    },
  );

  it('orders numbers as it orders events', () => {
    expect(cursorNumber({ sequence: 2, index: 1 })).toBeGreaterThan(cursorNumber({ sequence: 1, index: 999 }));
  });
});
