import { describe, expect, it } from 'vitest';
import { formatDuration, parseDurationMs } from './durations.js';

describe(parseDurationMs.name, () => {
  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['0', 0],
    ['-2m', -120_000],
  ])('reads %s as %d milliseconds', (text, milliseconds) => {
    expect(parseDurationMs(text)).toBe(milliseconds);
  });

  it.each(['', '10', 's', '5 minutes', '1h 30m'])('refuses %j', (text) => {
    expect(() => parseDurationMs(text)).toThrow(TypeError);
  });
});

describe(formatDuration.name, () => {
  it.each([
    [0, '0s'],
    [90_000, '1m30s'],
    [5_400_000, '1h30m'],
    [500, '500ms'],
  ])('writes %d milliseconds as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
