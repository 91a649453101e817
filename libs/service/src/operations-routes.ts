import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Metrics } from '@tarsy/observability';
import { isEventStream } from './open-requests.js';
import { httpStatusOf, reportHealth } from './health.js';
import type { HealthCheck } from './tokens.js';

export interface OperationsOptions {
  readonly metrics: Metrics;
  readonly version: string;
  readonly checks: readonly HealthCheck[];
  readonly isDraining: () => boolean;
}

const HEALTH_PATH = '/health';
const METRICS_PATH = '/metrics';

/** `/health` and `/metrics`, beside Nest: no prefix, no filters, and not counted in the HTTP metrics. */
export function addOperationsRoutes(
  app: NestFastifyApplication,
  { metrics, version, checks, isDraining }: OperationsOptions,
): void {
  const server = app.getHttpAdapter().getInstance();
  server.get(HEALTH_PATH, async (_request, reply) => {
    const report = await reportHealth(checks, version, isDraining());
    return await reply.status(httpStatusOf(report)).send(report);
  });
  server.get(METRICS_PATH, async (_request, reply) => {
    const { contentType, body } = await metrics.expose();
    return await reply.header('content-type', contentType).send(body);
  });
}

/** Counts and times requests by route template, so that ids in paths do not make metrics grow. */
export function measureHttp(app: NestFastifyApplication, metrics: Metrics): void {
  const labels = ['method', 'path', 'status_code'] as const;
  const total = metrics.counter('tarsy_http_requests_total', 'HTTP requests by route template and answer.', labels);
  const seconds = metrics.histogram('tarsy_http_duration_seconds', 'Time to the end of an HTTP answer.', labels);
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onResponse', (request, reply, done) => {
    const path = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
    if (path !== HEALTH_PATH && path !== METRICS_PATH) {
      const values = { method: request.method, path, status_code: String(reply.statusCode) };
      total.inc(values);
      // A stream lasts as long as its reader stays.
      if (!isEventStream(reply.raw)) seconds.observe(values, reply.elapsedTime / 1_000);
    }
    done();
  });
}
