import { describe, expect, it } from 'vitest';
import { storable } from './storable.js';

describe(storable.name, () => {
  it('leaves out NUL and mends halves of surrogate pairs, in keys and at any depth', () => {
    expect(storable({ 'a\u0000': ['x\u0000y', { b: 'cut \ud83d' }], n: 1, empty: null })).toEqual({
      a: ['xy', { b: 'cut \ufffd' }],
      n: 1,
      empty: null,
    });
  });

  it('leaves text alone that only spells an escape', () => {
    expect(storable(String.raw`\u0000 and \ud83d`)).toBe(String.raw`\u0000 and \ud83d`);
    expect(storable('whole 😀')).toBe('whole 😀');
  });

  it('keeps dates and absent fields', () => {
    const at = new Date(0);
    expect(storable({ at, absent: undefined })).toEqual({ at, absent: undefined });
  });
});
