import { cpus, loadavg, uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hostTool } from '../host-tool.js';
import { percent, pressureSomePercent, readProc } from '../proc.js';

type Times = Readonly<Record<'user' | 'nice' | 'sys' | 'idle' | 'irq', number>>;

export const cpuAndLoad = hostTool({
  name: 'cpu_and_load',
  description: 'CPU usage by mode over a short sample, load averages, number of cores, CPU pressure.',
  input: { sample_ms: z.int().min(100).max(5_000).default(500).describe('length of the sample in milliseconds') },
  run: async ({ sample_ms }) => {
    const before = totals();
    await sleep(sample_ms);
    const after = totals();
    const [load_1m, load_5m, load_15m] = loadavg();
    const cores = cpus().length;
    return {
      cores,
      load_1m,
      load_5m,
      load_15m,
      load_per_core_1m: Math.round(((load_1m ?? 0) / cores) * 100) / 100,
      ...usageBetween(before, after),
      pressure_some_percent_60s: pressureSomePercent(await readProc('/proc/pressure/cpu')) ?? null,
      uptime_seconds: Math.round(uptime()),
    };
  },
});

function totals(): Times {
  const sum = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 };
  for (const { times } of cpus()) for (const mode of Object.keys(sum) as (keyof Times)[]) sum[mode] += times[mode];
  return sum;
}

function usageBetween(before: Times, after: Times): Record<string, number> {
  const spent = (mode: keyof Times): number => after[mode] - before[mode];
  const all = spent('user') + spent('nice') + spent('sys') + spent('idle') + spent('irq');
  return {
    used_percent: percent(all - spent('idle'), all),
    user_percent: percent(spent('user') + spent('nice'), all),
    system_percent: percent(spent('sys') + spent('irq'), all),
    idle_percent: percent(spent('idle'), all),
  };
}
