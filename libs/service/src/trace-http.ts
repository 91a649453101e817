import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { parseTraceparent, type OpenSpan, type Tracing } from '@tarsy/observability';

/** Reading is watched by metrics; only requests that ask for something to happen are part of a trace. */
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A span for each request that may change something. It goes on with the caller's trace, or, once the request has become a session or a
 * command to one, is part of that session's trace with a link to the caller's.
 */
export function traceHttp(app: NestFastifyApplication, tracing: Tracing): void {
  const spans = new WeakMap<object, OpenSpan>();
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (request, _reply, done) => {
    if (!READING.has(request.method)) {
      const parent = parseTraceparent([request.headers['traceparent']].flat().at(0));
      const attributes = { 'http.request.method': request.method };
      const start = { name: request.method, kind: 'server', isFromOutside: true, attributes } as const;
      spans.set(request, tracing.open({ ...start, ...(parent === undefined ? {} : { parent }) }));
    }
    done();
  });
  // The last hook before the handler: reading the body leaves the asynchronous context of the hooks before it.
  server.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else tracing.runIn(span, done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    const route = request.is404 ? undefined : request.routeOptions.url;
    if (span !== undefined && route !== undefined) {
      span.name = `${request.method} ${route}`;
      span.set({ 'http.route': route });
    }
    span?.set({ 'http.response.status_code': reply.statusCode });
    if (reply.statusCode >= 500) span?.fail(String(reply.statusCode));
    span?.end();
    done();
  });
}
