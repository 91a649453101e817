import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli.errors.js';

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
}

/** A server of our own: started, waited for, and stopped again. */
export class ServerProcess {
  private constructor(
    readonly name: string,
    readonly port: number,
    readonly version: string,
    private readonly child: ChildProcess,
    private readonly stopSignal: NodeJS.Signals,
  ) {}

  /** @param isReady Asked until it says true. @throws {CliError} the process ended before, or did not get ready within 60 s */
  static async start(settings: ServerProcessOptions, isReady: () => Promise<boolean>): Promise<ServerProcess> {
    const log = openSync(settings.logFile, 'a', 0o600);
    const child = spawn(settings.command, settings.options, {
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', ...settings.environment },
      stdio: ['ignore', log, log],
      // Its own group: Ctrl-C reaches the command line alone, which stops everything in order.
      detached: true,
      ...settings.user,
    });
    closeSync(log);
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    const server = new ServerProcess(settings.name, settings.port, settings.version, child, settings.stopSignal);
    const giveUpAt = Date.now() + 60_000;
    for (;;) {
      if (failure) throw new CliError(`${settings.name} can not be started: ${failure.message}`, { cause: failure });
      if (server.hasExited) throw new CliError(`${settings.name} stopped while starting; see ${settings.logFile}`);
      if (await isReady().catch(() => false)) return server;
      if (Date.now() > giveUpAt) {
        await server.stop();
        throw new CliError(`${settings.name} was not ready after 60 s; see ${settings.logFile}`);
      }
      await sleep(25);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Calls back once when the process ends. */
  onExit(listener: () => void): void {
    this.child.once('exit', listener);
  }

  async stop(): Promise<void> {
    if (this.hasExited || this.child.pid === undefined) return;
    const exited = once(this.child, 'exit');
    this.child.kill(this.stopSignal);
    const force = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(force);
  }
}
