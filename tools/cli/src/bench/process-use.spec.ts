import { describe, expect, it } from 'vitest';
import { cpuSeconds, cpuSecondsOf, peakMemoryBytes } from './process-use.js';

describe('what a process uses', () => {
  it('is read behind a name with spaces and parentheses', () => {
    const stat = '4242 (a (b) c) S 1 4242 4242 0 -1 4194560 100 0 0 0 1234 66 0 0 20 0 11 0 99 1000 2000';
    expect(cpuSeconds(stat)).toBe(13);
  });

  it('has a peak of memory', () => {
    expect(peakMemoryBytes('Name:\tnode\nVmPeak:\t 900 kB\nVmHWM:\t    2000 kB\nVmRSS:\t 1000 kB\n')).toBe(2_048_000);
    expect(peakMemoryBytes('Name:\tkthreadd\n')).toBeNaN();
  });

  it('adds up by name', () => {
    const use = (name: string, cpuSeconds: number) => ({ name, cpuSeconds, cpuPercent: 1, peakMemoryMegabytes: 1 });
    const uses = [use('ingest-1', 2), use('nats-server', 3), use('load: bench', 5)];
    expect(cpuSecondsOf(uses, 'ingest', 'load:')).toBe(7);
    expect(cpuSecondsOf(uses, 'postgresql')).toBe(0);
  });
});
