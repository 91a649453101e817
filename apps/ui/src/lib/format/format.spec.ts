import { describe, expect, it } from 'vitest';
import { bytesText, costText, countText } from './numbers';
import { ageText, agoText, durationText, runningText } from './times';

describe(durationText.name, () => {
  it.each([
    [null, '–'],
    [0, '0 ms'],
    [999, '999 ms'],
    [4_210, '4.2 s'],
    [59_960, '1 min 0 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('writes %s ms as %s', (durationMs, text) => {
    expect(durationText(durationMs)).toBe(text);
  });
});

describe(ageText.name, () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  it.each([
    ['2026-01-02T00:00:03Z', 'now'],
    ['2026-01-01T23:59:20Z', '40 s'],
    ['2026-01-01T23:57:00Z', '3 min'],
    ['2026-01-01T19:00:00Z', '5 h'],
    ['2025-12-31T00:00:00Z', '2 d'],
  ])('says of %s: %s', (iso, text) => {
    expect(ageText(iso, now)).toBe(text);
  });
});

describe(runningText.name, () => {
  it('counts whole seconds and never goes below zero', () => {
    const from = '2026-01-01T00:00:00.000Z';
    expect(runningText(from, Date.parse(from) + 12_900)).toBe('12 s');
    expect(runningText(from, Date.parse(from) - 500)).toBe('0 s');
    expect(runningText(from, Date.parse(from) + 61_000)).toBe('1 min 1 s');
  });
});

describe(countText.name, () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1k'],
    [12_345, '12.3k'],
    [999_949, '1000k'],
    [4_600_000, '4.6M'],
  ])('shortens %d to %s', (count, text) => {
    expect(countText(count)).toBe(text);
  });
});

describe(bytesText.name, () => {
  it.each([
    [512, '512 B'],
    [1_536, '1.5 KiB'],
    [3 * 1024 ** 2, '3 MiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

describe(agoText.name, () => {
  it('says how long ago, in words', () => {
    const now = Date.parse('2026-03-04T05:06:07.000Z');
    expect(agoText('2026-03-04T05:06:06.000Z', now)).toBe('just now');
    expect(agoText('2026-03-04T05:03:07.000Z', now)).toBe('3 min ago');
  });
});

describe(costText.name, () => {
  it.each([
    [0, '$0.00'],
    [0.004, '< $0.01'],
    [1.25, '$1.25'],
    [1234.5, '$1,234.50'],
  ])('of %d is %s', (costUsd, text) => {
    expect(costText(costUsd)).toBe(text);
  });

  it('is a lower bound where a part of it is not known', () => {
    expect(costText(1.25, true)).toBe('at least $1.25');
  });
});
