import { describe, expect, it } from 'vitest';
import { isAtLeast, versionIn } from './versions.js';

describe(versionIn.name, () => {
  it.each([
    ['nats-server: v2.15.1', '2.15.1'],
    ['postgres (PostgreSQL) 18.4', '18.4'],
    ['7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1', '7.0.15'],
  ])('reads %s', (text, version) => expect(versionIn(text)).toBe(version));

  it('finds none in other text', () => expect(versionIn('command not found')).toBeUndefined());
});

describe(isAtLeast.name, () => {
  it('compares numbers, not text', () => {
    expect(isAtLeast('2.12.0', '2.9.10')).toBe(true);
    expect(isAtLeast('2.9.10', '2.12.0')).toBe(false);
  });

  it('takes a missing part as zero', () => {
    expect(isAtLeast('2.12', '2.12.0')).toBe(true);
    expect(isAtLeast('7', '6.2.0')).toBe(true);
  });
});
