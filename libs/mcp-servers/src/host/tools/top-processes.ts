import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hostTool } from '../host-tool.js';
import { readProc } from '../proc.js';

/** Of /proc/<pid>/stat; USER_HZ and the page size are 100 and 4 KiB on every supported system. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  readonly cpuTicks: number;
  readonly residentBytes: number;
  readonly threads: number;
}

export const topProcesses = hostTool({
  name: 'top_processes',
  description: 'Processes that use the most CPU or memory. Shows names, not command lines: those may hold secrets.',
  input: {
    by: z.enum(['cpu', 'memory']).default('cpu'),
    limit: z.int().min(1).max(50).default(10),
    sample_ms: z.int().min(100).max(5_000).default(500).describe('length of the CPU sample in milliseconds'),
  },
  run: async ({ by, limit, sample_ms }) => {
    const before = new Map((await processes()).map((stat) => [stat.pid, stat.cpuTicks]));
    await sleep(sample_ms);
    const measured = (await processes()).map(({ pid, name, cpuTicks, residentBytes, threads }) => ({
      pid,
      name,
      cpu_percent:
        Math.round(((cpuTicks - (before.get(pid) ?? cpuTicks)) / TICKS_PER_SECOND / (sample_ms / 1_000)) * 1_000) / 10,
      resident_bytes: residentBytes,
      threads,
    }));
    const order = by === 'cpu' ? 'cpu_percent' : 'resident_bytes';
    return {
      process_count: measured.length,
      processes: measured.sort((left, right) => right[order] - left[order]).slice(0, limit),
    };
  },
});

async function processes(): Promise<ProcessStat[]> {
  const entries = await readdir('/proc').catch(() => undefined);
  if (!entries) throw new Error('unavailable: this system has no /proc, so processes can not be listed');
  const stats = await Promise.all(
    entries.filter((name) => /^\d+$/.test(name)).map((pid) => readProc(`/proc/${pid}/stat`)),
  );
  return stats.flatMap((text) => (text === undefined ? [] : parseProcessStat(text)));
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name may hold spaces and parentheses. */
function parseProcessStat(text: string): ProcessStat[] {
  const match = /^(\d+) \((.*)\) (.+)$/s.exec(text.trim());
  if (!match) return [];
  const fields = match[3]!.split(' ');
  return [
    {
      pid: Number(match[1]),
      name: match[2]!,
      cpuTicks: Number(fields[11]) + Number(fields[12]),
      residentBytes: Number(fields[21]) * PAGE_BYTES,
      threads: Number(fields[17]),
    },
  ];
}
