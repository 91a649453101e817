import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** `look` is read-only; `change` is neither that nor idempotent. */
export type RecordedTool = 'look' | 'change';

/** One line of the file that the recorded tool server writes. */
export interface ToolRun {
  readonly tool: RecordedTool;
  /** What the caller named its call. */
  readonly key: string;
  readonly phase: 'started' | 'finished';
  readonly pid: number;
  readonly atMs: number;
}

export function recordToolRun(folder: string, run: ToolRun): void {
  appendFileSync(join(folder, 'tool-runs.jsonl'), `${JSON.stringify(run)}\n`);
}

/** A run that was asked to `hold` ends as soon as this file exists. */
export function releaseFile(folder: string, key: string): string {
  return join(folder, `release-${key}`);
}

/** What ran in every process of the recorded tool server. */
export class ToolRuns {
  /** @param folder `TOOL_RUNS_FOLDER` of the servers. */
  constructor(readonly folder: string) {}

  of(key: string): ToolRun[] {
    return this.all().filter((run) => run.key === key);
  }

  all(): ToolRun[] {
    try {
      const lines = readFileSync(join(this.folder, 'tool-runs.jsonl'), 'utf8').split('\n');
      // A process that is killed may leave half a line.
      return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as ToolRun);
    } catch {
      return [];
    }
  }

  /** Lets a held run end. */
  release(key: string): void {
    writeFileSync(releaseFile(this.folder, key), '');
  }

  /** Resolves with the run once it has begun. */
  async started(key: string): Promise<ToolRun> {
    for (;;) {
      const run = this.of(key).find(({ phase }) => phase === 'started');
      if (run) return run;
      await delay(10);
    }
  }
}
