import { z } from 'zod';
import { agentSchema, chainSchema, scoringSchema } from './agents.js';
import { mcpServerSchema } from './mcp-servers.js';
import { backendSchema, fallbackProvidersSchema, maxIterationsSchema, successPolicySchema } from './primitives.js';
import { providerSchema } from './providers.js';
import { queueSchema, systemSchema } from './system.js';

export const defaultsSchema = z
  .looseObject({
    llm_provider: z.string().optional(),
    llm_backend: backendSchema.optional(),
    max_iterations: maxIterationsSchema.optional(),
    fallback_providers: fallbackProvidersSchema.optional(),
    success_policy: successPolicySchema.default('any'),
    alert_type: z.string().default('kubernetes'),
    runbook: z.string().default(''),
    alert_masking: z
      .looseObject({ enabled: z.boolean().default(true), pattern_group: z.string().default('security') })
      .prefault({}),
    summarization: z
      .looseObject({ llm_provider: z.string().optional(), llm_backend: backendSchema.optional() })
      .optional(),
    scoring: scoringSchema.optional(),
    orchestrator: z.looseObject({}).optional(),
    memory: z.looseObject({ enabled: z.boolean().default(false) }).optional(),
  })
  .transform((defaults) => ({
    provider: defaults.llm_provider || undefined,
    backend: defaults.llm_backend,
    maxIterations: defaults.max_iterations,
    successPolicy: defaults.success_policy,
    alertType: defaults.alert_type || 'kubernetes',
    runbook: defaults.runbook,
    alertMasking: { enabled: defaults.alert_masking.enabled, patternGroup: defaults.alert_masking.pattern_group },
  }));
export type Defaults = z.output<typeof defaultsSchema>;

/** `tarsy.yaml`. */
export const tarsyFileSchema = z.looseObject({
  system: systemSchema.prefault({}),
  defaults: defaultsSchema.prefault({}),
  queue: queueSchema.prefault({}),
  agents: z.record(z.string(), agentSchema).default({}),
  agent_chains: z.record(z.string(), chainSchema).default({}),
  mcp_servers: z.record(z.string(), mcpServerSchema).default({}),
});

/** `llm-providers.yaml`. */
export const providersFileSchema = z.looseObject({
  llm_providers: z.record(z.string(), providerSchema).default({}),
});
