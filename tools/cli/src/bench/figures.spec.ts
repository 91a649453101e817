import { describe, expect, it } from 'vitest';
import { formatValue, isAimMet, median, percentile } from './figures.js';

describe('figures', () => {
  it('takes the value that the given share does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile(values, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('sorts as numbers, not as text', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it('knows when an aim is met', () => {
    const figure = { name: 'rate', unit: 'alerts/s', value: 5_000 };
    expect(isAimMet(figure)).toBeUndefined();
    expect(isAimMet({ ...figure, aim: { least: 5_000 } })).toBe(true);
    expect(isAimMet({ ...figure, aim: { least: 5_001 } })).toBe(false);
    expect(isAimMet({ ...figure, aim: { most: 4_999 } })).toBe(false);
    expect(isAimMet({ ...figure, value: NaN, aim: { most: 4_999 } })).toBe(false);
  });

  it('shows the digits that count', () => {
    expect([12_345.6, 104.4, 3.2149, 0.045_61, 5, NaN].map(formatValue)).toEqual([
      '12,346',
      '104',
      '3.21',
      '0.0456',
      '5',
      '-',
    ]);
  });
});
