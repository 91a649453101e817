import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hostTool } from '../host-tool.js';
import { fileSystems } from '../mounts.js';

interface Sample {
  readonly atMs: number;
  readonly usedBytes: ReadonlyMap<string, number>;
}

/** The first call's sample: later calls compare over a longer time. */
let earliest: Sample | undefined;

export const fileSystemGrowth = hostTool({
  name: 'file_system_growth',
  description:
    'How fast file systems fill up: change of used bytes since the first call of this process, or over a short sample.',
  input: { sample_seconds: z.number().min(0.5).max(30).default(3).describe('shortest time between the samples') },
  run: async ({ sample_seconds }) => {
    earliest ??= await sample();
    const missingMs = sample_seconds * 1_000 - (Date.now() - earliest.atMs);
    if (missingMs > 0) await sleep(missingMs);
    const now = await fileSystems();
    const seconds = (Date.now() - earliest.atMs) / 1_000;
    const before = earliest.usedBytes;
    return {
      observed_seconds: Math.round(seconds * 10) / 10,
      file_systems: now.map(({ mount_point, used_bytes, available_bytes }) => {
        const bytesPerSecond = Math.round((used_bytes - (before.get(mount_point) ?? used_bytes)) / seconds);
        return {
          mount_point,
          growth_bytes_per_second: bytesPerSecond,
          hours_until_full:
            bytesPerSecond > 0 ? Math.round((available_bytes / bytesPerSecond / 3_600) * 10) / 10 : null,
        };
      }),
    };
  },
});

async function sample(): Promise<Sample> {
  const all = await fileSystems();
  return { atMs: Date.now(), usedBytes: new Map(all.map(({ mount_point, used_bytes }) => [mount_point, used_bytes])) };
}
