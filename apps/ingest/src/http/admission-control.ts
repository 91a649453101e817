import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IngestEnvironment } from '../ingest.config.js';

/** Retry after a full queue; Alertmanager, Grafana and SNS come back after a 503, not all of them after a 429. */
const RETRY_AFTER_SECONDS = 5;

/** Refuses a request before its body is read: without a valid token, and when too many are being handled. */
export function addAdmissionControl(app: NestFastifyApplication, { tokens, maxInFlight }: IngestEnvironment): void {
  const digests = tokens.map(digest);
  const fastify = app.getHttpAdapter().getInstance();
  let inFlight = 0;
  fastify.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/api/')) return;
    if (digests.length > 0 && !isKnown(request.headers.authorization, digests))
      return reply.code(401).header('WWW-Authenticate', 'Bearer').send({ message: 'missing or unknown bearer token' });
    if (inFlight >= maxInFlight)
      return reply
        .code(503)
        .header('Retry-After', RETRY_AFTER_SECONDS)
        .send({ message: 'too many alerts at once, try again later' });
    inFlight += 1;
    reply.raw.once('close', () => (inFlight -= 1));
  });
}

function isKnown(authorization: string | undefined, digests: readonly Buffer[]): boolean {
  const given = digest(/^Bearer\s+(.+)$/i.exec(authorization ?? '')?.[1] ?? '');
  // Every token is compared, so that the time says nothing about which one is close.
  return digests.reduce((found, known) => timingSafeEqual(known, given) || found, false);
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
