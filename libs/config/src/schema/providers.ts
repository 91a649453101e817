import { z } from 'zod';
import { atLeastOneSchema, nativeToolsSchema, textSchema } from './primitives.js';

const PROVIDER_TYPES = ['google', 'openai', 'anthropic', 'xai', 'vertexai', 'playbook'] as const;
export type ProviderType = (typeof PROVIDER_TYPES)[number];

export const providerSchema = z
  .looseObject({
    type: z
      .enum(PROVIDER_TYPES, { error: 'must be google, openai, anthropic, xai, vertexai or playbook' })
      .optional()
      .describe('Whose API it speaks; playbook is the offline analyst.'),
    model: textSchema.describe("The vendor's name of the model."),
    api_key_env: z.string().optional().describe('Environment variable that holds the key.'),
    credentials_env: z.string().optional().describe('Vertex AI: variable that names the credentials file.'),
    project_env: z.string().optional().describe('Vertex AI: variable that holds the project.'),
    location_env: z.string().optional().describe('Vertex AI: variable that holds the location.'),
    base_url: z.string().optional().describe("Address of the API instead of the vendor's own."),
    native_tools: nativeToolsSchema.default({}).describe("The vendor's own tools: google_search, code_execution, url_context."), // prettier-ignore
    dialect: z
      .enum(['function_calling', 'react'], { error: 'must be function_calling or react' })
      .optional()
      .describe('react is for models that can not call functions.'),
    requests_per_minute: atLeastOneSchema.optional().describe('Most calls a minute, of all workers together.'),
    tokens_per_minute: atLeastOneSchema.optional().describe('Most tokens a minute, of all workers together.'),
    concurrent_requests: atLeastOneSchema.optional().describe('Most calls at the same time, of all workers together.'),
    context_window_tokens: atLeastOneSchema.optional().describe('Tokens that a conversation may have, where nobody else knows.'), // prettier-ignore
  })
  .meta({ required: ['type', 'model'] });
export type ProviderEntry = z.output<typeof providerSchema>;
