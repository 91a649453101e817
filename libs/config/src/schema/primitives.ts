import { parseDurationMs } from '@tarsy/core';
import { z } from 'zod';

export const backendSchema = z.enum(['google-native', 'langchain']);
export type Backend = z.infer<typeof backendSchema>;

export const successPolicySchema = z.enum(['all', 'any']);
export const nativeToolSchema = z.enum(['google_search', 'code_execution', 'url_context']);
export const nativeToolsSchema = z.partialRecord(nativeToolSchema, z.boolean());

export const maxIterationsSchema = z.int('must be a whole number').min(1, 'must be at least 1');
export const namesSchema = z.array(z.string().min(1, 'must not be empty'));

export const fallbackProvidersSchema = z.array(z.looseObject({ provider: z.string(), backend: backendSchema }));

/** `90s` in YAML, milliseconds in code. */
export const durationSchema = z.string().transform((text, context) => {
  try {
    return parseDurationMs(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});
export const positiveDurationSchema = durationSchema.refine((milliseconds) => milliseconds > 0, 'must be positive');
