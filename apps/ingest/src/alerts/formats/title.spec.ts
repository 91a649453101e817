import { describe, expect, it } from 'vitest';
import { titleOf } from './title.js';

describe(titleOf.name, () => {
  it.each([
    ['disk of db-1 is full\nsince noon', 'disk of db-1 is full'],
    ['\n  \n\tdisk is full', 'disk is full'],
    ['{"alertname":"DiskFull","summary":"/data is 97 % full"}', '/data is 97 % full'],
    ['{"labels":{"alertname":"DiskFull"},"annotations":{"summary":"/data is full"}}', '/data is full'],
    ['{"labels":{"alertname":"DiskFull"},"summary":" "}', 'DiskFull'],
    ['{"title":"disk\\nfull"}', 'disk'],
    ['{"value":97}', '{"value":97}'],
    ['{"summary": disk}', '{"summary": disk}'],
    ['[{"summary":"x"}]', '[{"summary":"x"}]'],
    ['', ''],
  ])('of %j is %j', (data, title) => {
    expect(titleOf(data)).toBe(title);
  });

  it('has at most 200 characters, however long the alert is', () => {
    expect(titleOf('x'.repeat(1_000))).toHaveLength(200);
    expect(titleOf(JSON.stringify({ summary: 'x'.repeat(1_000) }))).toHaveLength(200);
    expect(titleOf(JSON.stringify({ summary: 'short', data: 'x'.repeat(100_000) }))).toHaveLength(200);
  });
});
