import { describe, expect, it } from 'vitest';
import { iterationTimesMs, mostAtOnce, pauseTimesMs, timeOf, turnsOf, type StepType } from './journals.js';

const steps = (...stored: [StepType, number][]) =>
  stored.map(([type, storedAtMs]) => ({ executionId: 'a', type, storedAtMs }));

const EXECUTION = steps(
  ['claimed', 1],
  ['turn', 3],
  ['tool-requested', 4],
  ['tool-result', 7],
  ['turn', 9],
  ['tool-requested', 11],
  ['tool-result', 12],
  ['turn', 16],
  ['concluded', 17],
);

describe('what the journals tell', () => {
  it('has times of steps', () => {
    expect([timeOf(EXECUTION, 'claimed'), timeOf(EXECUTION, 'concluded')]).toEqual([1, 17]);
    expect(timeOf(EXECUTION, 'turn-failed')).toBeNaN();
    expect(turnsOf(EXECUTION)).toBe(3);
  });

  it('measures from turn to turn', () => {
    expect(iterationTimesMs(EXECUTION)).toEqual([6, 7]);
    expect(iterationTimesMs(steps(['turn', 1]))).toEqual([]);
  });

  it('measures the parts of an iteration', () => {
    expect(pauseTimesMs(EXECUTION, 'turn', 'tool-requested')).toEqual([1, 2]);
    expect(pauseTimesMs(EXECUTION, 'tool-requested', 'tool-result')).toEqual([3, 1]);
    expect(pauseTimesMs(EXECUTION, 'tool-result', 'turn')).toEqual([2, 4]);
    expect(pauseTimesMs(EXECUTION, 'tool-requested', 'turn')).toEqual([]);
  });

  it('counts what runs at the same moment', () => {
    const run = (claimedAtMs: number, concludedAtMs: number) =>
      steps(['claimed', claimedAtMs], ['concluded', concludedAtMs]);
    expect(mostAtOnce([run(0, 10), run(5, 20), run(11, 12), run(30, 40)])).toBe(2);
    expect(mostAtOnce([])).toBe(0);
  });
});
