import type { AgentDefinition } from './definitions/agents.js';
import type { ChainDefinition } from './definitions/chains.js';
import type { Defaults } from './definitions/defaults.js';
import type { McpServerDefinition } from './definitions/mcp-servers.js';
import type { ProviderDefinition } from './definitions/providers.js';
import type { QueueSettings } from './definitions/queue.js';
import type { SystemSettings } from './definitions/system.js';
import type { Effective } from './effective.js';
import type { Problem } from './problems.js';
import type { Skill } from './skills.js';

/** The effective configuration: built-ins, files and defaults merged. Frozen. */
export interface Configuration {
  readonly directory: string;
  readonly system: SystemSettings;
  readonly defaults: Defaults & { readonly provider: string };
  readonly queue: QueueSettings;
  readonly agents: Readonly<Record<string, AgentDefinition>>;
  readonly chains: Readonly<Record<string, ChainDefinition>>;
  readonly mcpServers: Readonly<Record<string, McpServerDefinition>>;
  readonly llmProviders: Readonly<Record<string, ProviderDefinition>>;
  readonly skills: Readonly<Record<string, Skill>>;
  readonly warnings: readonly Problem[];
  /** The same with the keys of the files, for people. */
  readonly effective: Effective;
}

/** Id of the chain that handles an alert type; undefined where none does. */
export function chainIdFor(configuration: Configuration, alertType: string): string | undefined {
  return Object.entries(configuration.chains).find(([, chain]) => chain.alertTypes.includes(alertType))?.[0];
}
