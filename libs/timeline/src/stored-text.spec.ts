import { describe, expect, it } from 'vitest';
import { storedText } from './stored-text.js';

describe(storedText.name, () => {
  it('keeps a text that fits, to the byte', () => {
    expect(storedText('é'.repeat(5), 10)).toBe('é'.repeat(5));
  });

  it('cuts a longer one at the end of a line and says how long it was', () => {
    expect(storedText('one\ntwo\nthree', 9)).toBe('one\ntwo\n[truncated: 13 bytes in all]');
  });

  it('cuts a single line between characters', () => {
    expect(storedText('😀😀😀', 10)).toBe('😀😀\n[truncated: 12 bytes in all]');
  });
});
