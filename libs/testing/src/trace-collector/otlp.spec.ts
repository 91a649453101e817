import { describe, expect, it } from 'vitest';
import { spansOfRequest } from './otlp.js';

const bytes = (...parts: (number | string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part as string))));
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 0x7f) | 0x80, value >> 7]);
const field = (number: number, content: Uint8Array | string): Uint8Array =>
  bytes((number << 3) | 2, ...varint(content.length), content);
const attribute = (key: string, value: Uint8Array): Uint8Array => bytes(field(1, key), field(2, value));

describe(spansOfRequest.name, () => {
  it('reads every kind of value', () => {
    const time = Buffer.alloc(8);
    time.writeBigUInt64LE(1_500_000_000n);
    const span = bytes(
      field(1, Buffer.alloc(16, 0xab)),
      field(2, Buffer.alloc(8, 0xcd)),
      field(5, 'chat'),
      bytes(6 << 3, 3),
      bytes((7 << 3) | 1, time),
      bytes((8 << 3) | 1, time),
      field(9, attribute('word', field(1, 'yes'))),
      field(9, attribute('flag', bytes(2 << 3, 1))),
      field(9, attribute('count', bytes(3 << 3, 0xac, 0x02))),
      field(9, attribute('list', field(5, bytes(field(1, field(1, 'a')), field(1, field(1, 'b')))))),
      field(15, bytes(3 << 3, 2)),
    );
    const request = field(1, bytes(field(1, field(1, attribute('service.name', field(1, 'x')))), field(2, field(2, span)))); // prettier-ignore
    expect(spansOfRequest(request)).toEqual([
      {
        traceId: 'ab'.repeat(16),
        spanId: 'cd'.repeat(8),
        parentSpanId: '',
        name: 'chat',
        kind: 'client',
        startedAtMs: 1_500,
        endedAtMs: 1_500,
        attributes: { word: 'yes', flag: true, count: 300, list: ['a', 'b'] },
        links: [],
        isError: true,
        statusMessage: '',
        resource: { 'service.name': 'x' },
      },
    ]);
  });

  it('refuses what is none', () => {
    expect(() => spansOfRequest(Buffer.from('this is text'))).toThrow(RangeError);
  });
});
