import { describe, expect, it } from 'vitest';
import { derivedId, derivedTimeId, newId } from './ids.js';

describe('ids', () => {
  it('are the same for the same cause and differ for another', () => {
    expect(derivedId('session', 1)).toBe(derivedId('session', 1));
    expect(derivedId('session', 1)).not.toBe(derivedId('session', 2));
  });

  it('derived from a time and a cause are UUIDv7 that sort by that time', () => {
    const early = derivedTimeId(1_700_000_000_000, 'alertmanager', 'group');
    const late = derivedTimeId(1_700_000_001_000, 'alertmanager', 'group');
    expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(early < late).toBe(true);
    expect(derivedTimeId(1_700_000_000_000, 'alertmanager', 'group')).toBe(early);
    expect(derivedTimeId(1_700_000_000_000, 'alertmanager', 'other')).not.toBe(early);
  });

  it('made anew sort by time', () => {
    expect(newId(1_000) < newId(2_000)).toBe(true);
  });
});
