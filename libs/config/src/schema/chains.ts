import { z } from 'zod';
import { agentTypeSchema } from './agents.js';
import { budgetSchema } from './budget.js';
import {
  atLeastOneSchema,
  backendSchema,
  fallbackProvidersSchema,
  namesSchema,
  positiveDurationSchema,
  successPolicySchema,
  textSchema,
} from './primitives.js';

const provider = z.string().optional().describe('Name in llm_providers.');
const backend = backendSchema.optional().describe('How its models are called.');
/** Where the format takes any text at load; a session that needs a wrong one fails. */
const uncheckedBackend = z.string().optional().describe('google-native or langchain.');
const maxIterations = atLeastOneSchema.optional().describe('Model calls with tools before an agent must conclude.');
/** For blocks that are only checked while they are enabled. */
const uncheckedIterations = z.int('must be a whole number').optional();
const mcpServers = namesSchema.default([]).describe('Tool servers, instead of those of broader levels.');
export type FallbacksEntry = z.output<typeof fallbackProvidersSchema>;
const fallbackProviders = fallbackProvidersSchema.optional().describe('Tried in order; an empty list means none.');
const forceConclusion = z.boolean().optional().describe('At the iteration limit: true concludes, false pauses for a person.'); // prettier-ignore

const subAgentsSchema = z
  .array(
    z.union(
      [
        z.string(),
        z.strictObject({
          name: textSchema,
          llm_provider: provider,
          llm_backend: backend,
          max_iterations: maxIterations,
          mcp_servers: mcpServers,
          required_skills: namesSchema.default([]),
          skills: namesSchema.default([]),
        }),
      ],
      { error: 'must be an agent name or a mapping' },
    ),
  )
  .default([])
  .describe('Agents that may be dispatched; they make the agent an orchestrator.');
export type SubAgentsEntry = z.output<typeof subAgentsSchema>;

const stageAgentSchema = z
  .looseObject({
    name: textSchema.describe('Name in agents.'),
    type: agentTypeSchema.optional().describe("Instead of the agent's own type."),
    llm_provider: provider,
    llm_backend: backend,
    max_iterations: maxIterations,
    mcp_servers: mcpServers,
    sub_agents: subAgentsSchema,
    fallback_providers: fallbackProviders,
    required_skills: namesSchema.default([]).describe("Added to the agent's required skills."),
    skills: namesSchema.default([]).describe("Added to the agent's skills, where it lists them."),
    force_conclusion_at_max_iterations: forceConclusion,
  })
  .meta({ required: ['name'] });

const stageSchema = z
  .looseObject({
    name: textSchema.describe('Shown to people and to later stages.'),
    agents: z.array(stageAgentSchema).default([]).describe('More than one run in parallel.'),
    replicas: z.int('must be a whole number').min(0, 'must not be negative').default(0).describe('Times the first agent runs; 0 is 1.'), // prettier-ignore
    success_policy: successPolicySchema.optional().describe('Whether all agents must succeed or any one.'),
    max_iterations: maxIterations,
    mcp_servers: mcpServers,
    fallback_providers: fallbackProviders,
    sub_agents: subAgentsSchema,
    synthesis: z
      .looseObject({
        agent: textSchema.describe('Default SynthesisAgent.'),
        llm_backend: backend,
        llm_provider: provider,
      })
      .optional()
      .describe('How the results of several agents are merged.'),
    force_conclusion_at_max_iterations: forceConclusion,
    timeout: positiveDurationSchema
      .optional()
      .describe('Longest time of the stage; without it only the session has one.'),
  })
  .meta({ required: ['name', 'agents'] });

export const scoringSchema = z.looseObject({
  enabled: z.boolean().default(false).describe('Whether completed sessions are scored by themselves.'),
  agent: textSchema.describe('Default ScoringAgent.'),
  llm_backend: z.string().optional(),
  llm_provider: provider,
  mcp_servers: mcpServers,
  max_iterations: uncheckedIterations,
});
export type ScoringEntry = z.output<typeof scoringSchema>;

const chatSchema = z.looseObject({
  enabled: z.boolean().default(false).describe('A block without `enabled: true` switches chat off.'),
  agent: textSchema.describe('Name in agents; required when enabled.'),
  llm_backend: z.string().optional(),
  llm_provider: provider,
  mcp_servers: mcpServers,
  max_iterations: uncheckedIterations,
  sub_agents: subAgentsSchema,
});

export type ChatEntry = z.output<typeof chatSchema>;

export const chainSchema = z
  .looseObject({
    alert_types: z.array(z.string()).default([]).describe('Each belongs to one chain only.'),
    description: textSchema.describe('Shown where alerts are submitted.'),
    stages: z.array(stageSchema).default([]).describe('Run one after the other.'),
    llm_provider: provider,
    llm_backend: uncheckedBackend,
    executive_summary_provider: z.string().optional().describe('Model of the executive summary.'),
    fallback_providers: fallbackProviders,
    max_iterations: maxIterations,
    mcp_servers: mcpServers,
    sub_agents: subAgentsSchema,
    chat: chatSchema.optional().describe('Follow-up questions; without the block ChatAgent answers them.'),
    scoring: scoringSchema.optional().describe('Judging the quality of investigations.'),
    force_conclusion_at_max_iterations: forceConclusion,
    budget: budgetSchema.optional().describe('What one session may use up, instead of defaults.budget.'),
    max_concurrent_sessions: atLeastOneSchema.optional().describe('Sessions of this chain at once, in the whole deployment.'), // prettier-ignore
  })
  .meta({ required: ['alert_types', 'stages'] });
export type ChainEntry = z.output<typeof chainSchema>;
export type StageEntry = z.output<typeof stageSchema>;
export type StageAgentEntry = z.output<typeof stageAgentSchema>;
