import { z } from 'zod';
import { hostTool } from '../host-tool.js';
import { fileSystems } from '../mounts.js';

export const diskUsage = hostTool({
  name: 'disk_usage',
  description: 'Bytes and inodes used on every real file system, fullest first.',
  input: { mount_point: z.string().optional().describe('only this mount point') },
  run: async ({ mount_point }) => {
    const all = await fileSystems();
    const wanted = mount_point === undefined ? all : all.filter((usage) => usage.mount_point === mount_point);
    if (wanted.length === 0)
      throw new Error(
        `no file system is mounted at ${mount_point}; mounted: ${all.map((usage) => usage.mount_point).join(', ')}`,
      );
    return { file_systems: wanted };
  },
});
