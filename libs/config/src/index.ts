export { PLAYBOOK_MODEL, PLAYBOOK_PROVIDER } from './built-in/providers.js';
export { HOST_SERVER_COMMAND } from './built-in/mcp-servers.js';
export { chainIdFor, type Configuration } from './configuration.js';
export { interpolate, referencedVariables } from './interpolate.js';
export { loadConfiguration, type LoadOptions } from './load.js';
export { ConfigurationError, formatProblem, type Problem } from './problems.js';
export {
  DEFAULT_MAX_ITERATIONS,
  ResolutionError,
  resolvePlan,
  type ResolvedAgent,
  type ResolvedStage,
  type SessionPlan,
} from './resolve.js';
export type { AgentDefinition, ChainDefinition, StageDefinition } from './schema/agents.js';
export type { McpServerDefinition, TransportSettings } from './schema/mcp-servers.js';
export type { ProviderDefinition } from './schema/providers.js';
