import { describe, expect, it } from 'vitest';
import { httpStatusOf, reportHealth } from './health.js';
import type { HealthCheck, HealthStatus } from './tokens.js';

const check = (name: string, status: HealthStatus): HealthCheck => ({ name, check: () => Promise.resolve({ status }) });

describe(reportHealth.name, () => {
  it('is healthy without any checks', async () => {
    expect(await reportHealth([], '1', false)).toEqual({ status: 'healthy', version: '1', checks: {} });
  });

  it('is as bad as its worst check, and answers 503 only when that is unhealthy', async () => {
    const degraded = await reportHealth([check('nats', 'healthy'), check('redis', 'degraded')], '1', false);
    expect(degraded).toMatchObject({ status: 'degraded', checks: { redis: { status: 'degraded' } } });
    expect(httpStatusOf(degraded)).toBe(200);
    const unhealthy = await reportHealth([check('nats', 'unhealthy'), check('redis', 'degraded')], '1', false);
    expect(unhealthy.status).toBe('unhealthy');
    expect(httpStatusOf(unhealthy)).toBe(503);
  });

  it('counts a check that throws as unhealthy', async () => {
    const broken: HealthCheck = { name: 'database', check: () => Promise.reject(new Error('gone')) };
    expect(await reportHealth([broken], '1', false)).toMatchObject({
      status: 'unhealthy',
      checks: { database: { status: 'unhealthy', message: 'gone' } },
    });
  });

  it('says draining while the service stops', async () => {
    const report = await reportHealth([check('nats', 'healthy')], '1', true);
    expect(report.status).toBe('draining');
    expect(httpStatusOf(report)).toBe(503);
  });
});
