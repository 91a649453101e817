import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';

/**
 * By `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * An unknown name counts as the default, `parentbased_always_on`.
 */
export function samplerFrom(environment: NodeJS.ProcessEnv): Sampler {
  const name = environment['OTEL_TRACES_SAMPLER']?.trim() || 'parentbased_always_on';
  const root = rootSampler(name.replace(/^parentbased_/, ''), environment['OTEL_TRACES_SAMPLER_ARG']);
  return name.startsWith('parentbased_') || !(name in ROOTS) ? new ParentBasedSampler({ root }) : root;
}

const ROOTS: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
};

function rootSampler(name: string, argument = ''): Sampler {
  const ratio = Number(argument.trim() || '1');
  const make = ROOTS[name] ?? ROOTS['always_on']!;
  return make(ratio >= 0 && ratio <= 1 ? ratio : 1);
}
