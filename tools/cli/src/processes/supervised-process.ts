import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, type ProcessIdentity } from './process-identity.js';

const FIRST_RESTART_MS = 500;
const LONGEST_RESTART_MS = 15_000;
/** A process that lived this long starts again with the shortest pause. */
const STABLE_MS = 60_000;

export interface SupervisedProcessOptions {
  readonly name: string;
  /** What the process prints goes to the end of this file. */
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
  /** After this long a process that was asked to stop is killed, in milliseconds. */
  readonly stopMs: number;
  /** @param log File descriptor for its output; closed afterwards. */
  readonly spawn: (log: number) => ChildProcess;
  /** Called with the process just spawned, then with undefined when it has ended. */
  readonly onChange: (identity: ProcessIdentity | undefined) => void;
  readonly say: (text: string) => void;
  /** Pause before the first restart, in milliseconds; each further one is twice as long, up to 15 s. Default 500. */
  readonly firstRestartMs?: number;
}

/** One process of ours, started again whenever it ends by itself, until it is stopped. */
export class SupervisedProcess {
  #child: ChildProcess | undefined;
  #identity: ProcessIdentity | undefined;
  #restarts = 0;
  #pauseMs: number;
  #running: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(private readonly options: SupervisedProcessOptions) {
    this.#pauseMs = options.firstRestartMs ?? FIRST_RESTART_MS;
  }

  /** 0 while it does not run. */
  get pid(): number {
    return this.#identity?.pid ?? 0;
  }

  get identity(): ProcessIdentity | undefined {
    return this.#identity;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  start(): void {
    if (this.isStopping) return;
    const startedAtMs = Date.now();
    const log = openSync(this.options.logFile, 'a', 0o600);
    const ended = Promise.withResolvers<string>();
    try {
      const child = this.options.spawn(log);
      child.once('error', (error) => ended.resolve(error.message));
      child.once('exit', (code, signal) => ended.resolve(signal ?? `exit ${code}`));
      this.#child = child;
      this.#identity =
        child.pid === undefined ? undefined : (identityOf(child.pid) ?? { pid: child.pid, startTime: '' });
    } catch (error) {
      ended.resolve(error instanceof Error ? error.message : String(error));
    } finally {
      closeSync(log);
    }
    if (this.#identity) this.options.onChange(this.#identity);
    this.#running = ended.promise.then((reason) => {
      this.#child = this.#identity = undefined;
      this.options.onChange(undefined);
      if (!this.isStopping) void this.#restart(reason, startedAtMs);
    });
  }

  /** The stop signal, time to finish its work, then SIGKILL. Also ends a pause before a restart. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill(this.options.stopSignal);
    const force = setTimeout(() => this.kill(), this.options.stopMs);
    await this.#running;
    clearTimeout(force);
  }

  /** Ends it at once; safe when it has ended already. */
  kill(): void {
    this.#stopping.abort();
    this.#child?.kill('SIGKILL');
  }

  async #restart(reason: string, startedAtMs: number): Promise<void> {
    const { name, logFile, say, firstRestartMs = FIRST_RESTART_MS } = this.options;
    if (Date.now() - startedAtMs > STABLE_MS) this.#pauseMs = firstRestartMs;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, LONGEST_RESTART_MS);
    say(`${name} ended (${reason}); starting it again in ${pauseMs / 1_000} s; log: ${logFile}`);
    try {
      await sleep(pauseMs, undefined, { signal: this.#stopping.signal });
    } catch {
      return;
    }
    this.#restarts += 1;
    this.start();
  }
}
