import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArgumentText } from './argument-text.js';

describe(parseArgumentText.name, () => {
  it.each([
    ['', {}],
    ['  \n ', {}],
    ['{"path": "/var", "depth": 2}', { path: '/var', depth: 2 }],
    ['[1, 2]', { input: [1, 2] }],
    ['"just text"', { input: 'just text' }],
    ['42', { input: 42 }],
    ['null', { input: null }],
    ['filter:\n  level: error\n  limit: 5\npath: /var', { filter: { level: 'error', limit: 5 }, path: '/var' }],
    ['paths:\n  - /\n  - /var', { paths: ['/', '/var'] }],
    ['path: /var/log\ndepth: 2', { path: '/var/log', depth: 2 }],
    ['path=/var, depth=2, follow=true, since=null', { path: '/var', depth: 2, follow: true, since: null }],
    ['url: https://example.com/a?b=c', { url: 'https://example.com/a?b=c' }],
    ['name="a b", ratio: 0.5', { name: 'a b', ratio: 0.5 }],
    ['query: a, b and c', { query: 'a, b and c' }],
    ['show me the disks', { input: 'show me the disks' }],
    ['https://example.com', { input: 'https://example.com' }],
    ['{"path": "/var"', { input: '{"path": "/var"' }],
    ['a: &x [1]\nb: *x', { a: '&x [1]', b: '*x' }],
  ])('reads %j', (text, expected) => {
    expect(parseArgumentText(text)).toEqual(expected);
  });

  it('reads back any JSON object, and never throws', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const json = JSON.stringify(value);
        expect(JSON.stringify(parseArgumentText(json))).toBe(JSON.stringify(JSON.parse(json)));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseArgumentText(text)).toBe('object');
      }),
    );
  });
});
