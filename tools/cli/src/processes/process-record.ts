import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { identityOf, isRunning, signalProcess, type ProcessIdentity } from './process-identity.js';

const STOP_MS = 20_000;

const identitySchema = z.object({ pid: z.int().positive(), startTime: z.string() });
const recordSchema = z.object({
  /** Whoever started the others and stops them. */
  owner: identitySchema,
  processes: z.array(
    identitySchema.extend({
      name: z.string(),
      stopSignal: z.custom<NodeJS.Signals>((value) => typeof value === 'string' && value in constants.signals),
    }),
  ),
});

export interface RecordedProcess extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}

/** What this process started for a data folder: lets the next one clean up should this one be killed. */
export class ProcessRecord {
  readonly #file: string;

  constructor(dataDirectory: string) {
    this.#file = join(dataDirectory, 'processes.json');
  }

  write(processes: readonly RecordedProcess[]): void {
    const owner = identityOf(process.pid) ?? { pid: process.pid, startTime: '' };
    // Moved into place, so that whoever reads never sees half of it.
    writeFileSync(`${this.#file}.new`, JSON.stringify({ owner, processes }, null, 2), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }

  /** Undefined when nothing was recorded. */
  get isOwnerRunning(): boolean | undefined {
    const record = this.#read();
    return record && isRunning(record.owner);
  }

  /**
   * Ends what an owner that was killed left behind, so that its servers can start again on their data.
   *
   * @returns how many processes that were
   */
  async stopLeftovers(say: (text: string) => void): Promise<number> {
    const leftovers = (this.#read()?.processes ?? []).filter(isRunning);
    for (const leftover of leftovers) {
      say(`stopping ${leftover.name} (pid ${leftover.pid}), left over from a run that was killed`);
      signalProcess(leftover, leftover.stopSignal);
    }
    const giveUpAtMs = Date.now() + STOP_MS;
    while (leftovers.some(isRunning) && Date.now() < giveUpAtMs) await sleep(50);
    for (const leftover of leftovers) signalProcess(leftover, 'SIGKILL');
    while (leftovers.some(isRunning)) await sleep(10);
    this.remove();
    return leftovers.length;
  }

  #read(): z.infer<typeof recordSchema> | undefined {
    if (!existsSync(this.#file)) return undefined;
    try {
      return recordSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return undefined;
    }
  }
}

/** What to record of processes that run now. */
export function recorded(
  processes: readonly {
    readonly name: string;
    readonly identity: ProcessIdentity | undefined;
    readonly stopSignal: NodeJS.Signals;
  }[],
): RecordedProcess[] {
  return processes.flatMap(({ name, identity, stopSignal }) => (identity ? [{ ...identity, name, stopSignal }] : []));
}
