import { describe, expect, it } from 'vitest';
import { jsonTokens, parsedJson, prettyJson } from './json';
import { sectionsOf, tableOf } from './table';

describe(jsonTokens.name, () => {
  it('names keys, strings, numbers and words, and loses nothing', () => {
    const json = prettyJson({ 'a "b"': 'c: 1', d: [-1.5e3, true, null] });
    const tokens = jsonTokens(json);
    expect(tokens.map(({ text }) => text).join('')).toBe(json);
    expect(tokens.filter(({ kind }) => kind !== 'plain').map(({ kind, text }) => [kind, text])).toEqual([
      ['key', '"a \\"b\\""'],
      ['string', '"c: 1"'],
      ['key', '"d"'],
      ['number', '-1500'],
      ['word', 'true'],
      ['word', 'null'],
    ]);
  });
});

describe(parsedJson.name, () => {
  it('reads objects and lists only', () => {
    expect(parsedJson(' {"a":1}')).toEqual({ a: 1 });
    expect(parsedJson('[1]')).toEqual([1]);
    expect(parsedJson('12')).toBeUndefined();
    expect(parsedJson('{not json')).toBeUndefined();
  });
});

describe(tableOf.name, () => {
  it('takes the columns of all rows and finds the numbers', () => {
    const table = tableOf([
      { mount: '/', used: 91 },
      { mount: '/var', used: 12, note: null },
    ]);
    expect(table).toEqual({
      columns: ['mount', 'used', 'note'],
      rows: [
        ['/', '91', ''],
        ['/var', '12', ''],
      ],
      numeric: new Set([1]),
    });
  });

  it.each([[[]], [[1]], [[{ a: { b: 1 } }]], [[{ a: [1] }]], [{ a: 1 }], [[{}]]])('is none for %j', (value) => {
    expect(tableOf(value)).toBeUndefined();
  });
});

describe(sectionsOf.name, () => {
  it('takes the tables out of an object and keeps the rest together', () => {
    const sections = sectionsOf({ host: 'a', disks: [{ mount: '/' }], load: { one: 1 } });
    expect(sections.map(({ name, table, value }) => [name, table?.rows, value])).toEqual([
      [undefined, undefined, { host: 'a', load: { one: 1 } }],
      ['disks', [['/']], [{ mount: '/' }]],
    ]);
  });
});
