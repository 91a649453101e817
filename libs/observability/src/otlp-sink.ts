import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  SamplingDecision,
  TracerProvider,
  type IdGenerator,
  type ReadableSpan,
  type Sampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import { messageOf } from '@tarsy/core';
import type { Logger } from 'pino';
import type { Counter, Metrics } from './metrics.js';
import { samplerFrom } from './sampler.js';
import type { FinishedSpan, SpanKind as KindName } from './span.js';
import type { SpanSink } from './tracing.js';

export interface OtlpSinkOptions {
  readonly app: string;
  readonly replica: string;
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A service that stops waits no longer for a collector that may be gone. */
const STOP_TIMEOUT_MS = 5_000;

const KINDS: Readonly<Record<KindName, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** Hands out the id that the span to be recorded has already. */
class GivenIds implements IdGenerator {
  next = { traceId: '', spanId: '' };
  generateTraceId = (): string => this.next.traceId;
  generateSpanId = (): string => this.next.spanId;
}

/** Exports finished spans by OTLP over HTTP in batches. A full queue drops, a lost collector costs one warning; neither is felt by the service. */
export class OtlpSink implements SpanSink {
  readonly #ids = new GivenIds();
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #sampler: Sampler;
  readonly #spans: Counter<'outcome'>;

  constructor({ app, replica, version, environment, logger, metrics }: OtlpSinkOptions) {
    this.#spans = metrics.counter('tarsy_trace_spans_total', 'Trace spans: recorded, and what became of them.', ['outcome']); // prettier-ignore
    this.#sampler = samplerFrom(environment);
    const named = resourceFromAttributes({
      'service.name': `tarsy-${app}`,
      'service.namespace': 'tarsy',
      'service.instance.id': replica,
      'service.version': version,
    });
    const number = (name: string, fallback: number): number => positive(environment[name]) ?? fallback;
    const exporter = new CountedExporter(new OTLPTraceExporter(), this.#spans, logger);
    this.#provider = new TracerProvider({
      resource: defaultResource()
        .merge(named)
        .merge(detectResources({ detectors: [envDetector] })),
      sampler: this.#sampler,
      idGenerator: this.#ids,
      spanProcessors: [
        new BatchSpanProcessor({
          exporter,
          maxQueueSize: number('OTEL_BSP_MAX_QUEUE_SIZE', 8_192),
          maxExportBatchSize: number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
          scheduledDelayMillis: number('OTEL_BSP_SCHEDULE_DELAY', 2_000),
          exportTimeoutMillis: number('OTEL_BSP_EXPORT_TIMEOUT', 10_000),
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('tarsy', version);
  }

  isSampled(traceId: string): boolean {
    const { decision } = this.#sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  record({
    name,
    kind = 'internal',
    context,
    parent,
    startedAtMs,
    endedAtMs,
    attributes,
    links,
    errorType,
  }: FinishedSpan): void {
    // prettier-ignore
    this.#ids.next = context;
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        startTime: startedAtMs,
        attributes: { ...attributes, ...(errorType === undefined ? {} : { 'error.type': errorType }) },
        links: (links ?? []).map((link) => ({ context: link })),
      },
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
    );
    if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(Math.max(startedAtMs, endedAtMs));
    this.#spans.inc({ outcome: 'recorded' });
  }

  async flush(): Promise<void> {
    await this.#provider.forceFlush({ timeoutMillis: STOP_TIMEOUT_MS }).catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.flush();
    // What the collector did not take by now it will not take.
    void this.#provider.shutdown().catch(() => undefined);
  }
}

/** Counts what becomes of spans, and says once that the collector is away and once that it is back. */
class CountedExporter implements SpanExporter {
  #isAway = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly spans: Counter<'outcome'>,
    private readonly logger: Logger,
  ) {}

  export(spans: ReadableSpan[], onResult: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
      const isDone = result.code === ExportResultCode.SUCCESS;
      this.spans.inc({ outcome: isDone ? 'exported' : 'failed' }, spans.length);
      if (isDone && this.#isAway) this.logger.info('traces.export-recovered');
      if (!isDone && !this.#isAway) this.logger.warn({ error: messageOf(result.error ?? 'refused') }, 'traces.export-failed'); // prettier-ignore
      this.#isAway = !isDone;
      onResult(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    await this.exporter.shutdown();
  }
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text?.trim() || Number.NaN);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
