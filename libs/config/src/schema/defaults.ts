import { z } from 'zod';
import { orchestratorSchema } from './agents.js';
import { budgetSchema } from './budget.js';
import { scoringSchema } from './chains.js';
import { fallbackProvidersSchema, successPolicySchema, textSchema } from './primitives.js';

const memorySchema = z.looseObject({
  enabled: z.boolean().default(false),
  max_inject: z.int('must be a whole number').default(5).describe('Memories put into the prompt.'),
  reflector_memory_limit: z.int('must be a whole number').default(20).describe('Existing memories shown to the reflector.'), // prettier-ignore
  embedding: z
    .looseObject({
      provider: z.enum(['google', 'openai'], { error: 'must be google or openai' }).default('google'),
      model: z.string().default('gemini-embedding-2-preview'),
      api_key_env: z.string().default('GOOGLE_API_KEY').describe('Environment variable that holds the key.'),
      dimensions: z.int('must be a whole number').positive('must be greater than 0').default(768),
      base_url: textSchema,
    })
    .prefault({}),
});

export const defaultsSchema = z.looseObject({
  llm_provider: textSchema.describe('Model of agents that name none; without it the offline analyst.'),
  llm_backend: textSchema.describe('google-native or langchain; without it langchain.'),
  max_iterations: z.int('must be a whole number').optional().describe('Model calls with tools before an agent must conclude; without it 20.'), // prettier-ignore
  fallback_providers: fallbackProvidersSchema.optional().describe('Tried in order when a model fails.'),
  success_policy: successPolicySchema.default('any').describe('Of stages with several agents.'),
  alert_type: textSchema.describe('Of alerts that name none; without it kubernetes.'),
  runbook: textSchema.describe('Text for alerts without a runbook of their own.'),
  alert_masking: z
    .looseObject({
      enabled: z.boolean().default(false),
      pattern_group: textSchema.describe('basic, secrets, security, kubernetes, cloud or all.'),
    })
    .default({ enabled: true, pattern_group: 'security' })
    .describe('Applied before an alert is stored.'),
  summarization: z
    .looseObject({
      llm_provider: z.string().optional().describe('Name in llm_providers.'),
      llm_backend: z.string().optional().describe('google-native or langchain.'),
      enabled: z.unknown().optional().describe('Not allowed here: it is set for each server.'),
      size_threshold_tokens: z.unknown().optional().describe('Not allowed here: it is set for each server.'),
      summary_max_token_limit: z.unknown().optional().describe('Not allowed here: it is set for each server.'),
    })
    .optional()
    .describe('Model that summarizes large tool results.'),
  scoring: scoringSchema.optional().describe('For chains without a block of their own.'),
  orchestrator: orchestratorSchema.optional().describe('Limits of agents with sub-agents.'),
  memory: memorySchema.prefault({}),
  force_conclusion_at_max_iterations: z.boolean().default(true).describe('At the iteration limit: true concludes, false pauses for a person.'), // prettier-ignore
  budget: budgetSchema.optional().describe('What one session may use up.'),
});
export type DefaultsEntry = z.output<typeof defaultsSchema>;
