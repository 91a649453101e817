import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { identityOf, isRunning, signalProcess, type ProcessIdentity } from './process-identity.js';

const STOP_MS = 20_000;
const FILE = 'processes.json';

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
    this.#file = join(dataDirectory, FILE);
  }

  static isIn(dataDirectory: string): boolean {
    return existsSync(join(dataDirectory, FILE));
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
    await untilEnded(leftovers);
    this.remove();
    return leftovers.length;
  }

  /** Ends the owner too, which stops the others in order where it can. */
  async stopAll(say: (text: string) => void): Promise<void> {
    const owner = this.#read()?.owner;
    if (owner !== undefined && signalProcess(owner, 'SIGTERM')) await untilEnded([owner]);
    await this.stopLeftovers(say);
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

/** Whoever still runs after a while is killed. */
async function untilEnded(processes: readonly ProcessIdentity[]): Promise<void> {
  const giveUpAtMs = Date.now() + STOP_MS;
  while (processes.some(isRunning) && Date.now() < giveUpAtMs) await sleep(50);
  for (const one of processes) signalProcess(one, 'SIGKILL');
  while (processes.some(isRunning)) await sleep(10);
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
