import { describe, expect, it } from 'vitest';
import { executionTimes, iterationTimesMs, mostAtOnce } from './journals.js';

const stored = (
  executionId: string,
  type: 'claimed' | 'turn' | 'concluded' | 'tool-requested',
  storedAtMs: number,
) => ({
  entry: { executionId, type },
  storedAtMs,
});

describe('what the journals tell', () => {
  it('keeps executions apart', () => {
    const [one, other] = executionTimes([
      stored('a', 'claimed', 1),
      stored('b', 'claimed', 2),
      stored('a', 'turn', 3),
      stored('a', 'tool-requested', 4),
      stored('a', 'turn', 9),
      stored('a', 'concluded', 10),
    ]);
    expect(one).toEqual({ claimedAtMs: 1, concludedAtMs: 10, turnsAtMs: [3, 9] });
    expect(other).toEqual({ claimedAtMs: 2, concludedAtMs: NaN, turnsAtMs: [] });
  });

  it('measures from turn to turn', () => {
    expect(iterationTimesMs({ turnsAtMs: [10, 14, 15] })).toEqual([4, 1]);
    expect(iterationTimesMs({ turnsAtMs: [10] })).toEqual([]);
  });

  it('counts what runs at the same moment', () => {
    const run = (claimedAtMs: number, concludedAtMs: number) => ({ claimedAtMs, concludedAtMs, turnsAtMs: [] });
    expect(mostAtOnce([run(0, 10), run(5, 20), run(11, 12), run(30, 40)])).toBe(2);
    expect(mostAtOnce([])).toBe(0);
  });
});
