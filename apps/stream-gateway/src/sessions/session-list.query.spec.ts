import { describe, expect, it } from 'vitest';
import { parseSessionListQuery } from './session-list.query.js';

describe(parseSessionListQuery.name, () => {
  it('lists the newest 25 when nothing is asked for', () => {
    expect(parseSessionListQuery({})).toEqual({ page: 1, pageSize: 25, sortBy: 'created_at', sortOrder: 'desc' });
  });

  it.each(['0', '-1', 'two', '1.5', ''])('ignores page=%s', (page) => {
    expect(parseSessionListQuery({ page }).page).toBe(1);
  });

  it.each(['0', '101', 'all'])('ignores page_size=%s', (pageSize) => {
    expect(parseSessionListQuery({ page_size: pageSize }).pageSize).toBe(25);
  });

  it('reads comma lists, texts and times', () => {
    const query = parseSessionListQuery({
      status: 'completed, failed',
      review_status: 'reviewed',
      alert_type: 'DiskFull',
      search: ' disk ',
      start_date: '2026-01-02T03:04:05Z',
      end_date: '2026-01-02T03:04:05.5+01:00',
    });
    expect(query).toMatchObject({
      statuses: ['completed', 'failed'],
      reviewStatuses: ['reviewed'],
      alertType: 'DiskFull',
      search: 'disk',
      createdFrom: new Date('2026-01-02T03:04:05Z'),
      createdBefore: new Date('2026-01-02T02:04:05.500Z'),
    });
  });

  it.each([
    ['sort_by', 'id'],
    ['sort_order', 'down'],
    ['status', 'completed,gone'],
    ['scoring_status', 'maybe'],
    ['search', 'ab'],
    ['start_date', 'yesterday'],
    ['end_date', '2026-01-02'],
    ['review_status', 'lost'],
    ['quality_rating', 'good'],
  ])('refuses %s=%s and names the field', (field, value) => {
    expect(() => parseSessionListQuery({ [field]: value })).toThrow(`validation error on field '${field}'`);
  });
});
