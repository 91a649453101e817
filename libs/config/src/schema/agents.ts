import { z } from 'zod';
import {
  atLeastOneSchema,
  backendSchema,
  namesSchema,
  nativeToolsSchema,
  positiveDurationSchema,
  textSchema,
} from './primitives.js';

const AGENT_TYPES = ['', 'synthesis', 'exec_summary', 'scoring', 'action'] as const;
export const agentTypeSchema = z.enum(AGENT_TYPES, {
  error: 'must be synthesis, exec_summary, scoring, action or empty for an investigation',
});

export const orchestratorSchema = z.looseObject({
  max_concurrent_agents: atLeastOneSchema.optional().describe('Sub-agents of one agent that run at once; built-in 5.'),
  agent_timeout: positiveDurationSchema.optional().describe('Longest time of one sub-agent; built-in 420s.'),
  max_budget: positiveDurationSchema.optional().describe('Longest time of all sub-agents together; built-in 900s.'),
  max_depth: atLeastOneSchema.optional().describe('How deep sub-agents may dispatch sub-agents; built-in 1.'),
});
export type OrchestratorEntry = z.output<typeof orchestratorSchema>;

export const agentSchema = z.looseObject({
  type: agentTypeSchema.default('').describe('Empty: investigation.'),
  description: textSchema.describe('What the agent is for; needed to be used as a sub-agent.'),
  mcp_servers: namesSchema.default([]).describe('Tool servers the agent uses.'),
  custom_instructions: textSchema.describe('Put into the system prompt as it is.'),
  llm_backend: backendSchema.optional().describe('How its models are called.'),
  max_iterations: atLeastOneSchema.optional().describe('Model calls with tools before the agent must conclude.'),
  native_tools: nativeToolsSchema.default({}).describe("Overrides the provider's native tools one by one."),
  orchestrator: orchestratorSchema.optional().describe('Limits of the agent while it has sub-agents.'),
  skills: namesSchema.optional().describe('Skills it may load; absent: all of them, []: none.'),
  required_skills: namesSchema.default([]).describe('Skills that are always in its prompt.'),
});
export type AgentEntry = z.output<typeof agentSchema>;
