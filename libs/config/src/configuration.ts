import type { AgentDefinition, ChainDefinition } from './schema/agents.js';
import type { Defaults } from './schema/files.js';
import type { McpServerDefinition } from './schema/mcp-servers.js';
import type { ProviderDefinition } from './schema/providers.js';
import type { QueueSettings, SystemSettings } from './schema/system.js';
import type { Problem } from './problems.js';

/** The effective configuration: built-ins, files and defaults merged. Frozen; read once at start. */
export interface Configuration {
  readonly directory: string;
  readonly system: SystemSettings;
  readonly defaults: Defaults & { readonly provider: string };
  readonly queue: QueueSettings;
  readonly agents: Readonly<Record<string, AgentDefinition>>;
  readonly chains: Readonly<Record<string, ChainDefinition>>;
  readonly mcpServers: Readonly<Record<string, McpServerDefinition>>;
  readonly llmProviders: Readonly<Record<string, ProviderDefinition>>;
  readonly warnings: readonly Problem[];
}

/** Id of the chain that handles an alert type; undefined where none does. */
export function chainIdFor(configuration: Configuration, alertType: string): string | undefined {
  return Object.entries(configuration.chains).find(([, chain]) => chain.alertTypes.includes(alertType))?.[0];
}
