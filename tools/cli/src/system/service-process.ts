import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli.errors.js';
import { freePort } from '../servers/ports.js';
import type { ServicePlan } from './service-plan.js';

export type Health = 'starting' | 'healthy' | 'degraded' | 'unhealthy' | 'stopped';

const FIRST_RESTART_MS = 500;
const LONGEST_RESTART_MS = 15_000;
/** A process that lived this long starts again with the shortest pause. */
const STABLE_MS = 60_000;
const HEALTH_INTERVAL_MS = 2_000;
const LARGEST_LOG_BYTES = 20 * 1024 ** 2;
const STOP_MS = 45_000;

/** One replica of one service: kept running until it is stopped. */
export class ServiceProcess {
  #child: ChildProcess | undefined;
  #port = 0;
  #health: Health = 'starting';
  #restarts = 0;
  #pauseMs = FIRST_RESTART_MS;
  #stopping = false;

  constructor(
    readonly plan: ServicePlan,
    private readonly logFile: string,
    private readonly say: (text: string) => void,
    private readonly onChange: () => void,
  ) {}

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get health(): Health {
    return this.#health;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Whether requests may be sent to it. */
  get isServing(): boolean {
    return this.#health === 'healthy' || this.#health === 'degraded';
  }

  async start(): Promise<void> {
    this.#port = await freePort(this.#port);
    this.#health = 'starting';
    rotate(this.logFile);
    const log = openSync(this.logFile, 'a', 0o600);
    const startedAtMs = Date.now();
    const child = spawn(process.execPath, ['--enable-source-maps', this.plan.program], {
      env: { ...this.plan.environment, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(this.#port) },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.onChange();
    child.once('error', (error) => this.say(`${this.plan.name} can not be started: ${error.message}`));
    child.once('exit', (code, signal) => void this.#restart(code, signal, startedAtMs));
    void this.#watchHealth(child);
  }

  /** @throws {CliError} it is not healthy in time */
  async untilServing(giveUpAtMs: number): Promise<void> {
    while (!this.isServing) {
      if (this.#stopping) return;
      if (this.#restarts >= 3) throw new CliError(`${this.plan.name} does not start; see ${this.logFile}`);
      if (Date.now() > giveUpAtMs) throw new CliError(`${this.plan.name} is not healthy yet; see ${this.logFile}`);
      await sleep(25);
    }
  }

  /** SIGTERM, time to finish its work, then SIGKILL. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return this.#setHealth('stopped');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(force);
    this.#setHealth('stopped');
  }

  kill(): void {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
  }

  async #restart(code: number | null, signal: NodeJS.Signals | null, startedAtMs: number): Promise<void> {
    this.#setHealth('stopped');
    if (this.#stopping) return;
    if (Date.now() - startedAtMs > STABLE_MS) this.#pauseMs = FIRST_RESTART_MS;
    this.say(
      `${this.plan.name} ended (${signal ?? `exit ${code}`}); starting it again in ${this.#pauseMs / 1_000} s; log: ${this.logFile}`,
    );
    await sleep(this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_RESTART_MS);
    this.#restarts += 1;
    if (!this.#stopping) await this.start();
  }

  async #watchHealth(child: ChildProcess): Promise<void> {
    while (child === this.#child && child.exitCode === null && child.signalCode === null) {
      const health = await askHealth(this.#port);
      if (child !== this.#child || child.exitCode !== null || child.signalCode !== null) return;
      // Until it first answers it is starting, not broken.
      if (health !== undefined || this.#health !== 'starting') this.#setHealth(health ?? 'unhealthy');
      await sleep(this.#health === 'starting' ? 50 : HEALTH_INTERVAL_MS);
    }
  }

  #setHealth(health: Health): void {
    if (this.#health === health) return;
    this.#health = health;
    this.onChange();
  }
}

async function askHealth(port: number): Promise<Health | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(5_000) });
    const { status } = (await response.json()) as { status?: string };
    return status === 'healthy' || status === 'degraded' ? status : 'unhealthy';
  } catch {
    return undefined;
  }
}

function rotate(logFile: string): void {
  if (existsSync(logFile) && statSync(logFile).size > LARGEST_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
}
