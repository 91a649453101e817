import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hostTool } from '../host-tool.js';
import { isMissing } from '../proc.js';

const MOST_ENTRIES = 300_000;
const LONGEST_MS = 8_000;

export const largestDirectories = hostTool({
  name: 'largest_directories',
  description:
    'Which folders below a path hold the most bytes, on the same file system. Stops after 8 s or 300,000 entries and says so.',
  input: {
    path: z.string().startsWith('/').default('/').describe('where to start'),
    depth: z.int().min(1).max(4).default(2).describe('how many levels below the path are told apart'),
    limit: z.int().min(1).max(50).default(10),
  },
  run: async ({ path, depth, limit }) => {
    const walk = new Walk(depth, Date.now() + LONGEST_MS, (await lstat(path)).dev);
    await walk.enter(path, [path]);
    const directories = [...walk.bytes]
      .map(([directory, bytes]) => ({ path: directory, bytes }))
      .sort((left, right) => right.bytes - left.bytes);
    return {
      path,
      complete: !walk.isCut,
      entries_seen: walk.entries,
      unreadable_directories: walk.unreadable,
      directories: directories.slice(0, limit),
    };
  },
});

class Walk {
  readonly bytes = new Map<string, number>();
  entries = 0;
  unreadable = 0;
  isCut = false;

  constructor(
    private readonly depth: number,
    private readonly endAtMs: number,
    private readonly device: number,
  ) {}

  /** @param parents The folder itself and those above it that are told apart, down to `depth`. */
  async enter(directory: string, parents: readonly string[]): Promise<void> {
    try {
      for await (const entry of await opendir(directory)) {
        if (++this.entries > MOST_ENTRIES || Date.now() > this.endAtMs) this.isCut = true;
        if (this.isCut) return;
        await this.#visit(join(directory, entry.name), entry.isDirectory(), parents);
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.unreadable += 1;
    }
  }

  async #visit(path: string, isDirectory: boolean, parents: readonly string[]): Promise<void> {
    const stat = await lstat(path).catch(() => undefined);
    if (!stat || stat.dev !== this.device) return;
    for (const parent of parents) this.bytes.set(parent, (this.bytes.get(parent) ?? 0) + stat.blocks * 512);
    if (isDirectory) await this.enter(path, parents.length <= this.depth ? [...parents, path] : parents);
  }
}
