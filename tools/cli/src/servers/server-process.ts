import { messageOf } from '@tarsy/core';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli.errors.js';
import type { ProcessIdentity } from '../processes/process-identity.js';
import { SupervisedProcess } from '../processes/supervised-process.js';

const READY_MS = 60_000;
const STOP_MS = 15_000;

export interface ServerProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly port: number;
  readonly version: string;
  /** Runs as this user; only root may ask for it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly stopSignal: NodeJS.Signals;
  /** Whether it can be used; asked after each start until it says true. */
  readonly isReady: () => Promise<boolean>;
}

export interface ServerProcessEvents {
  readonly onChange: () => void;
  readonly say: (text: string) => void;
}

/** A server of our own: started, waited for, started again on the same port and data when it dies, and stopped. */
export class ServerProcess {
  readonly #process: SupervisedProcess;
  #isReady = false;
  #hasBeenReady = false;

  constructor(
    private readonly settings: ServerProcessOptions,
    private readonly events: ServerProcessEvents,
  ) {
    this.#process = new SupervisedProcess({
      ...settings,
      stopMs: STOP_MS,
      spawn: (log) =>
        spawn(settings.command, settings.options, {
          cwd: '/',
          env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', ...settings.environment },
          stdio: ['ignore', log, log],
          // Its own group: Ctrl-C reaches the command line alone, which stops everything in order.
          detached: true,
          ...settings.user,
        }),
      onChange: (identity) => this.#onChange(identity),
      say: (text) => this.#hasBeenReady && events.say(text),
    });
  }

  get name(): string {
    return this.settings.name;
  }

  get port(): number {
    return this.settings.port;
  }

  get version(): string {
    return this.settings.version;
  }

  get logFile(): string {
    return this.settings.logFile;
  }

  get stopSignal(): NodeJS.Signals {
    return this.settings.stopSignal;
  }

  /** 0 while it does not run. */
  get pid(): number {
    return this.#process.pid;
  }

  get identity(): ProcessIdentity | undefined {
    return this.#process.identity;
  }

  get restarts(): number {
    return this.#process.restarts;
  }

  get health(): 'starting' | 'healthy' | 'stopped' {
    if (this.pid === 0) return 'stopped';
    return this.#isReady ? 'healthy' : 'starting';
  }

  /** @throws {CliError} it ended before it was ready for the first time, or was not ready within 60 s; it does not run then */
  async start(): Promise<void> {
    this.#process.start();
    const { name, logFile } = this.settings;
    const giveUpAtMs = Date.now() + READY_MS;
    while (!this.#isReady) {
      if (this.#process.isStopping) throw new CliError(`${name} was stopped while it started`);
      const hasEnded = this.pid === 0;
      if (hasEnded || Date.now() > giveUpAtMs) {
        await this.stop();
        throw new CliError(`${name} ${hasEnded ? 'ended while it started' : 'was not ready after 60 s'}; see ${logFile}\n${lastLines(logFile)}`); // prettier-ignore
      }
      await sleep(25);
    }
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  kill(): void {
    this.#process.kill();
  }

  #onChange(identity: ProcessIdentity | undefined): void {
    this.#isReady = false;
    this.events.onChange();
    if (identity) void this.#watch(identity);
  }

  async #watch(identity: ProcessIdentity): Promise<void> {
    while (this.#process.identity === identity && !this.#process.isStopping) {
      if (!(await this.settings.isReady().catch(() => false))) {
        await sleep(25);
        continue;
      }
      if (this.#process.identity !== identity) return;
      if (this.#hasBeenReady) this.events.say(`${this.name} runs again (pid ${this.pid})`);
      this.#isReady = this.#hasBeenReady = true;
      return this.events.onChange();
    }
  }
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  } catch (error) {
    return messageOf(error);
  }
}
