import type { LanguageModelEnvironment } from '@tarsy/llm';
import { InvalidEnvironmentError } from '@tarsy/service';

/** Inject the {@link AgentWorkerConfig}. */
export const AGENT_WORKER_CONFIG = Symbol('AGENT_WORKER_CONFIG');

export interface AgentWorkerConfig {
  /** `WORKER_SLOTS`: executions at the same time. Default 200. */
  readonly slots: number;
  /** `WORKER_POOL`: whose tasks this worker takes; one subject token. Default `default`. */
  readonly pool: string;
  /** `REDIS_URL`; without it each worker keeps the limits of providers for itself. */
  readonly redisUrl: string | undefined;
  /** Where models find their keys, by the names that the configuration gives. */
  readonly modelEnvironment: LanguageModelEnvironment;
}

/** @throws {InvalidEnvironmentError} */
export function readAgentWorkerConfig(environment: NodeJS.ProcessEnv): AgentWorkerConfig {
  const slots = Number(environment['WORKER_SLOTS']?.trim() || '200');
  if (!Number.isInteger(slots) || slots < 1 || slots > 10_000)
    throw new InvalidEnvironmentError('WORKER_SLOTS must be a whole number from 1 to 10000');
  const pool = environment['WORKER_POOL']?.trim() || 'default';
  if (!/^[\w-]+$/.test(pool)) throw new InvalidEnvironmentError('WORKER_POOL must be letters, digits, "-" and "_"');
  return Object.freeze({ slots, pool, redisUrl: environment['REDIS_URL']?.trim() || undefined, modelEnvironment: environment }); // prettier-ignore
}
