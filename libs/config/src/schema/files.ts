import { z } from 'zod';
import { agentSchema } from './agents.js';
import { chainSchema } from './chains.js';
import { defaultsSchema } from './defaults.js';
import { mcpServerSchema } from './mcp-servers.js';
import { providerSchema } from './providers.js';
import { queueSchema } from './queue.js';
import { systemSchema } from './system.js';

/** `tarsy.yaml`. Every value has a default, so that a file with a mistake can be checked to its end. */
export const tarsyFileSchema = z.looseObject({
  system: systemSchema.prefault({}).describe('Settings of the deployment.'),
  defaults: defaultsSchema.prefault({}).describe('For chains and agents that say nothing else.'),
  queue: queueSchema.prefault({}).describe('How many sessions run, and for how long.'),
  agents: z.record(z.string(), agentSchema).default({}).describe('By name; an entry replaces a built-in one.'),
  agent_chains: z.record(z.string(), chainSchema).default({}).describe('By id; an entry replaces a built-in one.'),
  mcp_servers: z.record(z.string(), mcpServerSchema).default({}).describe('By id; an entry replaces a built-in one.'),
});
export type TarsyFile = z.output<typeof tarsyFileSchema>;

/** `llm-providers.yaml`. */
export const providersFileSchema = z.looseObject({
  llm_providers: z.record(z.string(), providerSchema).default({}).describe('By name; an entry replaces a built-in one.'), // prettier-ignore
});
export type ProvidersFile = z.output<typeof providersFileSchema>;
