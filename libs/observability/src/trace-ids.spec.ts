import { describe, expect, it } from 'vitest';
import { randomSpanId, randomTraceId } from './trace-ids.js';

describe('random ids', () => {
  it('never repeat, also when they are drawn in advance', () => {
    const spanIds = Array.from({ length: 2_000 }, randomSpanId);
    const traceIds = Array.from({ length: 2_000 }, randomTraceId);
    expect(new Set([...spanIds, ...traceIds.map((id) => id.slice(0, 16)), ...traceIds.map((id) => id.slice(16))]).size).toBe(6_000); // prettier-ignore
    expect(spanIds.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true);
    expect(traceIds.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
