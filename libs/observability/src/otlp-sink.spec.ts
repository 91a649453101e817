import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSilentLogger } from './logger.js';
import { Metrics } from './metrics.js';
import { startTracing } from './start-tracing.js';
import type { Tracing } from './tracing.js';

const session = '0199b7a4-3c00-7a3b-8f00-5a1d2e3f4a5b';

let collector: Server;
let requests: { url: string | undefined; type: string | undefined; bytes: number }[];
let status: number;
beforeEach(async () => {
  requests = [];
  status = 200;
  collector = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (data: Buffer) => (bytes += data.length));
    request.on('end', () => {
      requests.push({ url: request.url, type: request.headers['content-type'], bytes });
      response.statusCode = status;
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterEach(() => {
  vi.unstubAllEnvs();
  collector.closeAllConnections();
  collector.close();
});

async function start(
  more: Record<string, string> = {},
): Promise<{ tracing: Tracing; metrics: Metrics; warn: unknown }> {
  const { port } = collector.address() as AddressInfo;
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, ...more };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const logger = createSilentLogger();
  const warn = vi.spyOn(logger, 'warn');
  const metrics = new Metrics();
  const identity = { app: 'ingest', replica: 'ingest-1', version: '0.1.0' };
  return { tracing: await startTracing({ ...identity, environment: process.env, logger, metrics }), metrics, warn };
}

async function counts(metrics: Metrics): Promise<string[]> {
  const { body } = await metrics.expose();
  return body.split('\n').filter((line) => line.startsWith('tarsy_trace_spans_total')).sort(); // prettier-ignore
}

describe(startTracing.name, () => {
  it('sends spans as OTLP in protobuf when it stops', async () => {
    const { tracing, metrics } = await start();
    expect(tracing.isRecording).toBe(true);
    tracing.open({ name: 'one', parent: tracing.contextOf(session) }).end();
    await tracing.stop();
    expect(requests).toMatchObject([{ url: '/v1/traces', type: 'application/x-protobuf' }]);
    expect(await counts(metrics)).toEqual([
      'tarsy_trace_spans_total{outcome="exported"} 1',
      'tarsy_trace_spans_total{outcome="recorded"} 1',
    ]);
  });

  it('counts what a collector does not take, and warns once', async () => {
    const { tracing, metrics, warn } = await start();
    status = 400;
    for (let attempt = 0; attempt < 3; attempt++) {
      tracing.open({ name: 'refused' }).end();
      await tracing.flush();
    }
    await tracing.stop();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(await counts(metrics)).toContain('tarsy_trace_spans_total{outcome="failed"} 3');
  });

  it('drops what does not fit into its queue', async () => {
    const { tracing, metrics } = await start({ OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' });
    collector.closeAllConnections();
    for (let count = 0; count < 100; count++) tracing.open({ name: 'many' }).end();
    await tracing.stop();
    const exported = (await counts(metrics)).find((line) => line.includes('exported'));
    expect(Number(exported?.split(' ').at(1))).toBeLessThan(20);
  });

  it.each(['parentbased_traceidratio', 'traceidratio'])('decides by the trace id with %s', async (sampler) => {
    const { tracing } = await start({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0' });
    tracing.open({ name: 'unsampled', parent: tracing.contextOf(session) }).end();
    await tracing.stop();
    expect(requests).toEqual([]);
  });

  it.each<Record<string, string>>([
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { OTEL_SDK_DISABLED: 'true' },
    { OTEL_TRACES_EXPORTER: 'none' },
  ])('exports nothing with %j', async (environment) => {
    expect((await start(environment)).tracing.isRecording).toBe(false);
  });
});
