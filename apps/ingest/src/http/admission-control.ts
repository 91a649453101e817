import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { outcomeOfStatus, ReceivedAlerts } from '../alerts/received-alerts.js';
import type { IngestEnvironment } from '../ingest.config.js';

/** Retry after a full queue; Alertmanager, Grafana and SNS come back after a 503, not all of them after a 429. */
const RETRY_AFTER_SECONDS = 5;
/** Producers by the last part of their route; other routes take no alerts. */
const SOURCES: Readonly<Record<string, string>> = { alerts: 'api', alertmanager: 'alertmanager' };
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Refuses a request before its body is read: without a valid token, when too many are being handled, and what is not JSON. */
export function addAdmissionControl(app: NestFastifyApplication, { tokens, maxInFlight }: IngestEnvironment): void {
  const digests = tokens.map(digest);
  const received = app.get(ReceivedAlerts);
  const fastify = app.getHttpAdapter().getInstance();
  let inFlight = 0;
  fastify.addHook('onRequest', async (request, reply) => {
    if (sourceOf(request) === undefined) return;
    if (digests.length > 0 && !isKnown(request.headers.authorization, digests))
      return reply.code(401).header('WWW-Authenticate', 'Bearer').send({ message: 'missing or unknown bearer token' });
    if (inFlight >= maxInFlight)
      return reply
        .code(503)
        .header('Retry-After', RETRY_AFTER_SECONDS)
        .send({ message: 'too many alerts at once, try again later' });
    if (!JSON_TYPE.test(request.headers['content-type'] ?? ''))
      return reply.code(415).send({ message: 'content type must be application/json' });
    inFlight += 1;
    reply.raw.once('close', () => (inFlight -= 1));
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const source = sourceOf(request);
    if (source !== undefined) received.count(source, outcomeOfStatus(reply.statusCode));
    done();
  });
}

/** By the route that was found: an address has many spellings. */
function sourceOf(request: FastifyRequest): string | undefined {
  const route = request.is404 ? '' : (request.routeOptions.url ?? '');
  return route.startsWith('/api/') ? SOURCES[route.split('/').at(-1) ?? ''] : undefined;
}

function isKnown(authorization: string | undefined, digests: readonly Buffer[]): boolean {
  const given = digest(/^Bearer\s+(.+)$/i.exec(authorization ?? '')?.[1] ?? '');
  // Every token is compared, so that the time says nothing about which one is close.
  return digests.reduce((found, known) => timingSafeEqual(known, given) || found, false);
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
