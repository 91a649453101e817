import { z } from 'zod';
import { backendSchema } from './primitives.js';

const transportSchema = z
  .looseObject({
    type: z.enum(['stdio', 'http', 'sse'], { error: 'must be stdio, http or sse' }),
    command: z.string().optional(),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
    url: z.string().optional(),
    bearer_token: z.string().optional(),
    verify_ssl: z.boolean().default(true),
    timeout: z.number().min(0).default(0),
    custom_headers: z.record(z.string(), z.string()).default({}),
    session_cleanup_url: z.string().optional(),
  })
  .superRefine((transport, context) => {
    if (transport.type === 'stdio' && !transport.command)
      context.addIssue({ code: 'custom', path: ['command'], message: 'is required for stdio' });
    if (transport.type !== 'stdio' && !transport.url)
      context.addIssue({ code: 'custom', path: ['url'], message: `is required for ${transport.type}` });
  })
  .transform((transport) => ({
    type: transport.type,
    command: transport.command ?? '',
    args: transport.args,
    /** Added to the child's otherwise minimal environment. */
    environment: transport.env,
    url: transport.url ?? '',
    bearerToken: transport.bearer_token || undefined,
    verifySsl: transport.verify_ssl,
    /** Longest wait for one HTTP answer; 0 is none. */
    timeoutMs: transport.timeout * 1_000,
    customHeaders: transport.custom_headers,
    sessionCleanupUrl: transport.session_cleanup_url || undefined,
  }));
export type TransportSettings = z.output<typeof transportSchema>;

const maskingSchema = z
  .looseObject({
    enabled: z.boolean().default(false),
    pattern_groups: z.array(z.string()).default([]),
    patterns: z.array(z.string()).default([]),
    custom_patterns: z
      .array(
        z.looseObject({
          pattern: z.string({ error: 'is required' }).min(1, 'is required'),
          replacement: z.string({ error: 'is required' }).min(1, 'is required'),
          description: z.string().default(''),
        }),
      )
      .default([]),
  })
  .transform((masking) => ({
    enabled: masking.enabled,
    patternGroups: masking.pattern_groups,
    patterns: masking.patterns,
    customPatterns: masking.custom_patterns.map(({ pattern, replacement, description }) => ({ pattern, replacement, description })), // prettier-ignore
  }));

export const mcpServerSchema = z
  .looseObject({
    transport: transportSchema,
    instructions: z.string().default(''),
    data_masking: maskingSchema.prefault({}),
    summarization: z
      .looseObject({
        enabled: z.boolean().nullish(),
        size_threshold_tokens: z.int().min(100, 'must be at least 100').optional(),
        summary_max_token_limit: z.int().min(50, 'must be at least 50').optional(),
        llm_provider: z.string().optional(),
        llm_backend: backendSchema.optional(),
      })
      .optional(),
  })
  .transform((server) => ({
    transport: server.transport,
    instructions: server.instructions,
    masking: server.data_masking,
    /** Why the server is not started on this machine; undefined where it is. */
    unavailableBecause: undefined as string | undefined,
  }));
export type McpServerDefinition = z.output<typeof mcpServerSchema>;
