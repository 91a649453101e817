import { describe, expect, it } from 'vitest';
import { plainTextOf } from './plain-text';

describe(plainTextOf.name, () => {
  it.each([
    ['**Roll back** to `47` *now*.', 'Roll back to 47 now.'],
    ['## Cause\n\n- disk is full\n2. [logs](https://x.example) grow', 'Cause disk is full logs grow'],
    ['```sh\ndf -h\n```', 'df -h'],
    ['max_connections and pg_stat_activity', 'max_connections and pg_stat_activity'],
    ['5 * 3 * 2 rows, 41 % errors', '5 * 3 * 2 rows, 41 % errors'],
    ['> quoted\n\n__bold__ ~~gone~~', 'quoted bold gone'],
    ['', ''],
  ])('of %j is %j', (markdown, text) => {
    expect(plainTextOf(markdown)).toBe(text);
  });
});
