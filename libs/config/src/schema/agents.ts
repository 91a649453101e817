import { z } from 'zod';
import {
  backendSchema,
  fallbackProvidersSchema,
  maxIterationsSchema,
  namesSchema,
  nativeToolsSchema,
  positiveDurationSchema,
  successPolicySchema,
} from './primitives.js';

export const agentTypeSchema = z.enum(['', 'synthesis', 'exec_summary', 'scoring', 'action']);

const orchestratorSchema = z.looseObject({
  max_concurrent_agents: z.int().min(1, 'must be at least 1').optional(),
  agent_timeout: positiveDurationSchema.optional(),
  max_budget: positiveDurationSchema.optional(),
});

export const agentSchema = z
  .looseObject({
    type: agentTypeSchema.default(''),
    description: z.string().default(''),
    mcp_servers: namesSchema.default([]),
    custom_instructions: z.string().default(''),
    llm_backend: backendSchema.optional(),
    max_iterations: maxIterationsSchema.optional(),
    native_tools: nativeToolsSchema.default({}),
    orchestrator: orchestratorSchema.optional(),
    skills: namesSchema.nullish(),
    required_skills: namesSchema.default([]),
  })
  .transform((agent) => ({
    type: agent.type,
    description: agent.description,
    mcpServers: agent.mcp_servers,
    customInstructions: agent.custom_instructions,
    backend: agent.llm_backend,
    maxIterations: agent.max_iterations,
    nativeTools: agent.native_tools,
  }));
export type AgentDefinition = z.output<typeof agentSchema>;

const subAgentsSchema = z.array(
  z.union([
    z.string(),
    z.strictObject({
      name: z.string(),
      llm_provider: z.string().optional(),
      llm_backend: backendSchema.optional(),
      max_iterations: maxIterationsSchema.optional(),
      mcp_servers: namesSchema.optional(),
      required_skills: namesSchema.optional(),
      skills: namesSchema.optional(),
    }),
  ]),
);

const stageAgentSchema = z
  .looseObject({
    name: z.string().min(1, 'is required'),
    type: agentTypeSchema.optional(),
    llm_provider: z.string().optional(),
    llm_backend: backendSchema.optional(),
    max_iterations: maxIterationsSchema.optional(),
    mcp_servers: namesSchema.optional(),
    sub_agents: subAgentsSchema.optional(),
    fallback_providers: fallbackProvidersSchema.optional(),
    required_skills: namesSchema.default([]),
    skills: namesSchema.nullish(),
  })
  .transform((agent) => ({
    name: agent.name,
    type: agent.type,
    provider: agent.llm_provider,
    backend: agent.llm_backend,
    maxIterations: agent.max_iterations,
    mcpServers: agent.mcp_servers,
  }));
export type StageAgentDefinition = z.output<typeof stageAgentSchema>;

const stageSchema = z
  .looseObject({
    name: z.string({ error: 'is required' }).min(1, 'is required'),
    agents: z.array(stageAgentSchema).min(1, 'needs at least one agent'),
    replicas: z.int().min(0, 'must not be negative').default(0),
    success_policy: successPolicySchema.optional(),
    max_iterations: maxIterationsSchema.optional(),
    mcp_servers: namesSchema.optional(),
    fallback_providers: fallbackProvidersSchema.optional(),
    sub_agents: subAgentsSchema.optional(),
    synthesis: z
      .looseObject({
        agent: z.string().optional(),
        llm_backend: backendSchema.optional(),
        llm_provider: z.string().optional(),
      })
      .optional(),
  })
  .transform((stage) => ({
    name: stage.name,
    agents: stage.agents,
    replicas: Math.max(1, stage.replicas),
    successPolicy: stage.success_policy,
    maxIterations: stage.max_iterations,
    mcpServers: stage.mcp_servers,
    synthesis: {
      agent: stage.synthesis?.agent || 'SynthesisAgent',
      backend: stage.synthesis?.llm_backend,
      provider: stage.synthesis?.llm_provider || undefined,
    },
  }));
export type StageDefinition = z.output<typeof stageSchema>;

export const scoringSchema = z.looseObject({
  enabled: z.boolean().default(false),
  agent: z.string().optional(),
  llm_backend: backendSchema.optional(),
  llm_provider: z.string().optional(),
  mcp_servers: namesSchema.optional(),
  max_iterations: maxIterationsSchema.optional(),
});

export const chainSchema = z
  .looseObject({
    alert_types: z.array(z.string().min(1)).min(1, 'needs at least one alert type'),
    description: z.string().default(''),
    stages: z.array(stageSchema).min(1, 'needs at least one stage'),
    llm_provider: z.string().optional(),
    llm_backend: backendSchema.optional(),
    executive_summary_provider: z.string().optional(),
    fallback_providers: fallbackProvidersSchema.optional(),
    max_iterations: maxIterationsSchema.optional(),
    mcp_servers: namesSchema.optional(),
    sub_agents: subAgentsSchema.optional(),
    chat: z
      .looseObject({
        enabled: z.boolean().default(false),
        agent: z.string().optional(),
        llm_backend: backendSchema.optional(),
        llm_provider: z.string().optional(),
        mcp_servers: namesSchema.optional(),
        max_iterations: maxIterationsSchema.optional(),
        sub_agents: subAgentsSchema.optional(),
      })
      .optional(),
    scoring: scoringSchema.optional(),
  })
  .transform((chain) => ({
    alertTypes: chain.alert_types,
    description: chain.description,
    stages: chain.stages,
    provider: chain.llm_provider,
    backend: chain.llm_backend,
    executiveSummaryProvider: chain.executive_summary_provider,
    maxIterations: chain.max_iterations,
    mcpServers: chain.mcp_servers,
    chatEnabled: chain.chat?.enabled ?? true,
  }));
export type ChainDefinition = z.output<typeof chainSchema>;
