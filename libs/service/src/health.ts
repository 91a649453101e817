import { messageOf } from '@tarsy/core';
import type { HealthCheck, HealthResult, HealthStatus } from './tokens.js';

const CHECK_TIMEOUT_MS = 2_000;
const ORDER: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy'];

export interface HealthReport {
  readonly status: HealthStatus | 'draining';
  readonly version: string;
  readonly checks: Readonly<Record<string, HealthResult>>;
}

/** Runs every check at the same time; the worst of them is the service's status. */
export async function reportHealth(
  checks: readonly HealthCheck[],
  version: string,
  isDraining: boolean,
): Promise<HealthReport> {
  const results = await Promise.all(checks.map(async (check) => [check.name, await run(check)] as const));
  const worst = Math.max(0, ...results.map(([, { status }]) => ORDER.indexOf(status)));
  return { status: isDraining ? 'draining' : ORDER[worst]!, version, checks: Object.fromEntries(results) };
}

/** 200 while the service can work, with or without everything it likes to have. */
export function httpStatusOf({ status }: HealthReport): 200 | 503 {
  return status === 'healthy' || status === 'degraded' ? 200 : 503;
}

async function run(check: HealthCheck): Promise<HealthResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthResult>((resolve) => {
    const result: HealthResult = { status: 'unhealthy', message: `no answer within ${CHECK_TIMEOUT_MS} ms` };
    timer = setTimeout(() => resolve(result), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check.check(), late]);
  } catch (error) {
    return { status: 'unhealthy', message: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
