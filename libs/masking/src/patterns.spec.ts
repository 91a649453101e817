import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PATTERNS, type Pattern } from './patterns.js';

const PIECES = [
  ...['api_key', 'API-KEY', 'apikey', 'Key', 'password', 'PWD', 'pass', 'token', '--token', 'Bearer', 'jwt'],
  ...['private_key', 'privateKEY', 'secret-key', 'aws_access_key_id', 'AWS-secret-access-key', 'AKIAABCDEFGHIJKLMNOP'],
  ...['=', ': ', ' ', '"', '\\"', "'", '\n', 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH', '0123456789', 'ſ', 'K'],
];

describe('the sign of a pattern', () => {
  it('is in every text in which the pattern finds something', () => {
    const patterns: Pattern[] = Object.values(PATTERNS);
    let found = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        for (const { find, sign } of patterns) {
          if (sign === undefined || !(find instanceof RegExp) || text.search(find) < 0) continue;
          found++;
          expect(sign.test(text), text).toBe(true);
        }
      }),
      { numRuns: 5_000 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
