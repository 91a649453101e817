import { describe, expect, it } from 'vitest';
import messages from './en.json';
import { filledIn } from './plural';

describe(filledIn.name, () => {
  it('fills values in and leaves unknown names as they are', () => {
    expect(filledIn('{a} of {b}', { a: 1 })).toBe('1 of {b}');
  });

  it('chooses the form for the number', () => {
    const message = '{count, plural, =0 {no steps} one {# step} other {# steps}} of {agent}';
    const text = (count: number): string => filledIn(message, { count, agent: 'host' });
    expect([text(0), text(1), text(2_000)]).toEqual(['no steps of host', '1 step of host', '2,000 steps of host']);
  });
});

describe('en.json', () => {
  it('is sorted by key', () => {
    expect(Object.keys(messages)).toEqual(Object.keys(messages).sort());
  });
});
