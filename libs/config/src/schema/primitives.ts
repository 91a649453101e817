import { parseDurationMs } from '@tarsy/core';
import { z } from 'zod';

export const BACKENDS = ['google-native', 'langchain'] as const;
export type Backend = (typeof BACKENDS)[number];
export const backendSchema = z.enum(BACKENDS, { error: `must be ${BACKENDS.join(' or ')}` });

export const successPolicySchema = z.enum(['all', 'any'], { error: 'must be all or any' });

export const NATIVE_TOOLS = ['google_search', 'code_execution', 'url_context'] as const;
/** Which of the vendor's own tools a model may use; names are checked where the format asks for it. */
export const nativeToolsSchema = z.record(z.string(), z.boolean());

/** A text that is empty where it is absent. */
export const textSchema = z.string().default('');
export const namesSchema = z.array(z.string());
export const atLeastOneSchema = z.int('must be a whole number').min(1, 'must be at least 1');

/** `90s` in YAML; {@link parseDurationMs} makes milliseconds of it. */
export const durationSchema = z
  .string()
  .refine(isDuration, { error: ({ input }) => `"${String(input)}" is not a duration such as 500ms, 90s or 1h30m` })
  .meta({ pattern: '^([+-]?((\\d+(\\.\\d+)?(ns|us|µs|ms|s|m|h))+)|0)$', examples: ['500ms', '90s', '1h30m'] });
export const positiveDurationSchema = durationSchema.refine((text) => !isDuration(text) || parseDurationMs(text) > 0, {
  error: 'must be positive',
});

export const fallbackProvidersSchema = z.array(
  z
    .looseObject({
      provider: textSchema.describe('Name in llm_providers.'),
      backend: z
        .string()
        .optional()
        .describe('google-native or langchain.')
        .meta({ enum: [...BACKENDS] }),
    })
    .meta({ required: ['provider', 'backend'] }),
);

export function isDuration(text: string): boolean {
  try {
    parseDurationMs(text);
    return true;
  } catch {
    return false;
  }
}

/** An empty text means absent. */
export function textOrAbsent(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

export function millisecondsOf(text: string): number;
export function millisecondsOf(text: string | undefined): number | undefined;
export function millisecondsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDurationMs(text);
}
