import type { OtlpSinkOptions } from './otlp-sink.js';
import { installTraceContext, Tracing } from './tracing.js';

/**
 * Traces of this process: exported where `OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) names a collector,
 * otherwise only carried along. The SDK is loaded in the first case alone.
 */
export async function startTracing(options: OtlpSinkOptions): Promise<Tracing> {
  installTraceContext();
  if (!isWanted(options.environment)) return new Tracing();
  const { OtlpSink } = await import('./otlp-sink.js');
  return new Tracing(new OtlpSink(options));
}

function isWanted(environment: NodeJS.ProcessEnv): boolean {
  const value = (name: string): string => environment[name]?.trim() ?? '';
  const endpoint = value('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') || value('OTEL_EXPORTER_OTLP_ENDPOINT');
  const isOff = value('OTEL_SDK_DISABLED').toLowerCase() === 'true' || value('OTEL_TRACES_EXPORTER') === 'none';
  return endpoint !== '' && !isOff;
}
