import { describe, expect, it } from 'vitest';
import { parseUsageQuery } from './usage.query.js';

const window = { start_date: '2026-03-01T00:00:00Z', end_date: '2026-03-31T00:00:00+02:00' };

describe(parseUsageQuery.name, () => {
  it('reads a window and filters', () => {
    expect(parseUsageQuery({ ...window, alert_type: 'DiskFull', chain_id: 'disk', rank_by: 'tokens' }, true)).toEqual({
      start: new Date('2026-03-01T00:00:00Z'),
      end: new Date('2026-03-30T22:00:00Z'),
      alertType: 'DiskFull',
      chainId: 'disk',
      rankBy: 'tokens',
    });
  });

  it('ranks by cost where costs are known', () => {
    expect(parseUsageQuery(window, true).rankBy).toBe('cost');
    expect(parseUsageQuery(window, false).rankBy).toBe('tokens');
  });

  it.each([
    [{}, 'start_date'],
    [{ start_date: window.start_date }, 'end_date'],
    [{ ...window, start_date: '2026-03-01' }, 'start_date'],
    [{ ...window, end_date: window.start_date }, 'start_date'],
    [{ start_date: '2025-01-01T00:00:00Z', end_date: '2026-01-01T00:00:01Z' }, 'end_date'],
    [{ ...window, rank_by: 'size' }, 'rank_by'],
    [{ ...window, rank_by: 'cost' }, 'rank_by'],
  ])('refuses %j', (parameters, field) => {
    expect(() => parseUsageQuery(parameters, false)).toThrow(`validation error on field '${field}'`);
  });
});
