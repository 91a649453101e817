import { freemem, totalmem } from 'node:os';
import { hostTool } from '../host-tool.js';
import { percent, pressureSomePercent, readProc } from '../proc.js';

export const memoryUsage = hostTool({
  name: 'memory_usage',
  description:
    'Memory and swap in use, what is still available, memory pressure, and the limit of the control group if there is one.',
  input: {},
  run: async () => {
    const text = await readProc('/proc/meminfo');
    const limit = Number(await readProc('/sys/fs/cgroup/memory.max'));
    return {
      ...(text === undefined ? ofOperatingSystem() : parseMemoryInformation(text)),
      cgroup_limit_bytes: Number.isFinite(limit) && limit > 0 ? limit : null,
      pressure_some_percent_60s: pressureSomePercent(await readProc('/proc/pressure/memory')) ?? null,
    };
  },
});

/** https://docs.kernel.org/filesystems/proc.html#meminfo */
function parseMemoryInformation(text: string): Record<string, number> {
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1_024;
  const total = bytes('MemTotal');
  const available = bytes('MemAvailable');
  const swapTotal = bytes('SwapTotal');
  const swapUsed = swapTotal - bytes('SwapFree');
  return {
    total_bytes: total,
    available_bytes: available,
    used_bytes: total - available,
    used_percent: percent(total - available, total),
    cached_bytes: bytes('Cached'),
    swap_total_bytes: swapTotal,
    swap_used_bytes: swapUsed,
    swap_used_percent: percent(swapUsed, swapTotal),
  };
}

function ofOperatingSystem(): Record<string, number | null> {
  const total = totalmem();
  const available = freemem();
  return { total_bytes: total, available_bytes: available, used_bytes: total - available, used_percent: percent(total - available, total), swap_total_bytes: null }; // prettier-ignore
}
