import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli.errors.js';
import type { ProcessIdentity } from '../processes/process-identity.js';
import { SupervisedProcess } from '../processes/supervised-process.js';
import { freePort } from '../servers/ports.js';
import type { ServicePlan } from './service-plan.js';

export type Health = 'starting' | 'healthy' | 'degraded' | 'unhealthy' | 'stopped';

const HEALTH_INTERVAL_MS = 2_000;
const STOP_MS = 45_000;
/** A service that ended this often before it was first healthy does not start. */
const MOST_FAILED_STARTS = 3;

/**
 * In MiB: what Node gives itself in a container of 1.5 GiB, the limit of the Kubernetes deployments. Left alone on a large machine it lets garbage
 * pile up to twice the memory. https://nodejs.org/api/cli.html#useful-v8-options
 */
const HEAP_LIMITS = ['--max-old-space-size=768', '--max-semi-space-size=16'] as const;

/** One replica of one service: kept running until it is stopped. */
export class ServiceProcess {
  readonly #process: SupervisedProcess;
  #health: Health = 'starting';

  /** @param port On the loopback interface; kept over restarts. */
  private constructor(
    readonly plan: ServicePlan,
    readonly port: number,
    readonly logFile: string,
    say: (text: string) => void,
    private readonly onChange: () => void,
  ) {
    this.#process = new SupervisedProcess({
      name: plan.name,
      logFile,
      stopSignal: 'SIGTERM',
      stopMs: STOP_MS,
      spawn: (log) =>
        spawn(process.execPath, ['--enable-source-maps', ...HEAP_LIMITS, plan.program], {
          env: { ...plan.environment, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port) },
          stdio: ['ignore', log, log],
          detached: true,
        }),
      onChange: (identity) => this.#onProcess(identity),
      say,
    });
  }

  static async create(
    plan: ServicePlan,
    logFile: string,
    say: (text: string) => void,
    onChange: () => void,
  ): Promise<ServiceProcess> {
    return new ServiceProcess(plan, await freePort(), logFile, say, onChange);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get identity(): ProcessIdentity | undefined {
    return this.#process.identity;
  }

  get health(): Health {
    return this.#health;
  }

  get restarts(): number {
    return this.#process.restarts;
  }

  /** Whether requests may be sent to it. */
  get isServing(): boolean {
    return this.#health === 'healthy' || this.#health === 'degraded';
  }

  start(): void {
    this.#process.start();
  }

  /** @throws {CliError} it is not healthy in time */
  async untilServing(giveUpAtMs: number): Promise<void> {
    while (!this.isServing) {
      if (this.#process.isStopping) return;
      if (this.restarts >= MOST_FAILED_STARTS)
        throw new CliError(`${this.plan.name} does not start; see ${this.logFile}`);
      if (Date.now() > giveUpAtMs) throw new CliError(`${this.plan.name} is not healthy yet; see ${this.logFile}`);
      await sleep(25);
    }
  }

  /** SIGTERM, time to finish its work, then SIGKILL. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  kill(): void {
    this.#process.kill();
  }

  #onProcess(identity: ProcessIdentity | undefined): void {
    this.#health = identity ? 'starting' : 'stopped';
    this.onChange();
    if (identity) void this.#watchHealth(identity);
  }

  async #watchHealth(identity: ProcessIdentity): Promise<void> {
    while (this.identity === identity) {
      const health = await askHealth(this.port);
      if (this.identity !== identity) return;
      // Until it first answers it is starting, not broken.
      if (health !== undefined || this.#health !== 'starting') this.#setHealth(health ?? 'unhealthy');
      await sleep(this.#health === 'starting' ? 50 : HEALTH_INTERVAL_MS, undefined, { ref: false });
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
