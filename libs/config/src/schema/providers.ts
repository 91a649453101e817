import { z } from 'zod';

export const providerSchema = z
  .looseObject({
    type: z.enum(['google', 'openai', 'anthropic', 'xai', 'vertexai', 'playbook'], { error: 'must be google, openai, anthropic, xai, vertexai or playbook' }), // prettier-ignore
    model: z.string({ error: 'is required' }).min(1, 'is required'),
    api_key_env: z.string().optional(),
    credentials_env: z.string().optional(),
    project_env: z.string().optional(),
    location_env: z.string().optional(),
    base_url: z.string().optional(),
    native_tools: z.record(z.string(), z.boolean()).default({}),
    dialect: z.enum(['function_calling', 'react'], { error: 'must be function_calling or react' }).optional(),
  })
  .transform((provider) => ({
    type: provider.type,
    model: provider.model,
    apiKeyEnv: provider.api_key_env || undefined,
    credentialsEnv: provider.credentials_env || undefined,
    projectEnv: provider.project_env || undefined,
    locationEnv: provider.location_env || undefined,
    baseUrl: provider.base_url || undefined,
    nativeTools: provider.native_tools,
    /** `react` is for models that can not call functions. */
    dialect: provider.dialect,
  }));
export type ProviderDefinition = z.output<typeof providerSchema>;
