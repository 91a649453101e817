import { existsSync, readFileSync } from 'node:fs';
import type { ProcessUse } from './figures.js';

/** Linux counts processor time in hundredths of a second, whatever its timer does. */
const TICKS_PER_SECOND = 100;

export interface MeasuredProcess {
  readonly name: string;
  readonly pid: number;
  /** Its children are measured by themselves. */
  readonly isAlone?: boolean;
}

interface Sample {
  readonly atMs: number;
  readonly cpuSeconds: number;
}

/** Measures what processes use, their children included, from its creation on. Needs `/proc`; elsewhere there are no such figures. */
export class ProcessUses {
  readonly #first: ReadonlyMap<string, Sample>;

  constructor(private readonly processes: readonly MeasuredProcess[]) {
    this.#first = new Map(
      processes.filter(({ pid }) => canMeasure(pid)).map((each) => [each.name, sampleOf(each)] as const),
    );
  }

  /** Since the creation. A process that has ended is left out. */
  measure(): ProcessUse[] {
    return this.processes.flatMap((each) => {
      const { name, pid } = each;
      const first = this.#first.get(name);
      if (first === undefined || !canMeasure(pid)) return [];
      const last = sampleOf(each);
      const seconds = (last.atMs - first.atMs) / 1_000;
      return {
        name,
        cpuSeconds: last.cpuSeconds - first.cpuSeconds,
        cpuPercent: Math.round((100 * (last.cpuSeconds - first.cpuSeconds)) / seconds),
        peakMemoryMegabytes: Math.round(peakMemoryBytes(readFileSync(`/proc/${pid}/status`, 'utf8')) / 1e6),
      };
    });
  }
}

function canMeasure(pid: number): boolean {
  return pid > 0 && existsSync(`/proc/${pid}/stat`);
}

function sampleOf({ pid, isAlone = false }: MeasuredProcess): Sample {
  const family = [pid, ...(isAlone ? [] : childrenOf(pid))].filter(canMeasure);
  const seconds = family.map((member) => cpuSeconds(readFileSync(`/proc/${member}/stat`, 'utf8')));
  return { atMs: performance.now(), cpuSeconds: seconds.reduce((sum, each) => sum + each, 0) };
}

/** Connections of PostgreSQL and tool servers of mcp-broker are processes. */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

/** @param stat Contents of `/proc/<pid>/stat`; the name in it may hold spaces and parentheses. */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** @param status Contents of `/proc/<pid>/status`. */
export function peakMemoryBytes(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1_024;
}

/** Of those whose name begins with one of the given words. */
export function cpuSecondsOf(uses: readonly ProcessUse[], ...names: readonly string[]): number {
  return uses
    .filter(({ name }) => names.some((begin) => name.startsWith(begin)))
    .reduce((sum, use) => sum + use.cpuSeconds, 0);
}
