import { z } from 'zod';
import { namesSchema, textSchema } from './primitives.js';

const transportSchema = z
  .looseObject({
    type: z
      .string()
      .default('')
      .describe('stdio, http or sse.')
      .meta({ enum: ['stdio', 'http', 'sse'] }),
    command: textSchema.describe('Program of a stdio server.'),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}).describe("Added to the child's otherwise minimal environment."),
    url: textSchema.describe('Address of an http or sse server.'),
    bearer_token: textSchema.describe('Sent to the configured host alone; write {{.NAME}}, never the token.'),
    verify_ssl: z.boolean().default(true),
    timeout: z.number().min(0, 'must not be negative').default(0).describe('Seconds to wait for an HTTP answer; 0 is no limit.'), // prettier-ignore
    custom_headers: z.record(z.string(), z.string()).default({}).describe('{{.SESSION_ID}} becomes the execution id; empty ones are left out.'), // prettier-ignore
    session_cleanup_url: textSchema.describe('Receives a DELETE when an execution ends.'),
  })
  .meta({ required: ['type'] });

const maskingSchema = z.looseObject({
  enabled: z.boolean().default(false),
  pattern_groups: namesSchema
    .default([])
    .describe('Built-in groups: basic, secrets, security, kubernetes, cloud, all.'),
  patterns: namesSchema.default([]).describe('Built-in patterns.'),
  custom_patterns: z
    .array(
      z
        .looseObject({
          pattern: textSchema.describe('RE2-style expression.'),
          replacement: textSchema.describe('Literal text.'),
          description: textSchema,
        })
        .meta({ required: ['pattern', 'replacement'] }),
    )
    .default([]),
});

const summarizationSchema = z.looseObject({
  enabled: z.boolean().default(true),
  size_threshold_tokens: z.int('must be a whole number').default(0).describe('Results above it are summarized; 0 is 5000.'), // prettier-ignore
  summary_max_token_limit: z.int('must be a whole number').default(0).describe('Size to aim for; 0 is 1000.'),
  llm_provider: z.string().optional().describe("Name in llm_providers; without it the calling agent's model."),
  llm_backend: z.string().optional().describe('google-native or langchain.'),
});

export const mcpServerSchema = z
  .looseObject({
    transport: transportSchema.prefault({}),
    instructions: textSchema.describe('Put into the prompt of agents that use the server.'),
    data_masking: maskingSchema.prefault({}),
    summarization: summarizationSchema.prefault({}).describe('Of large results.'),
  })
  .meta({ required: ['transport'] });
export type McpServerEntry = z.output<typeof mcpServerSchema>;
