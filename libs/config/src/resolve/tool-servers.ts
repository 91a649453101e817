import type { McpSelection, ToolServerSelection } from '@tarsy/contracts';
import type { Configuration } from '../configuration.js';
import { DEFAULT_BACKEND } from './built-in-values.js';
import { modelReference, ResolutionError } from './models.js';

/** The alert's own servers and tools where it names any, else those of the configuration. */
export function toolServers(
  configuration: Configuration,
  serverIds: readonly string[],
  selection: McpSelection | null,
): ToolServerSelection[] {
  if (!selection || selection.servers.length === 0) return serverIds.map((id) => toolServer(configuration, id));
  return selection.servers.map(({ name, tools }) => ({
    ...toolServer(configuration, name),
    ...(tools && tools.length > 0 ? { tools } : {}),
  }));
}

function toolServer(configuration: Configuration, id: string): ToolServerSelection {
  const server = configuration.mcpServers[id];
  if (!server) throw new ResolutionError(`MCP server "${id}" not found`);
  const { enabled, thresholdTokens, targetTokens } = server.summarization;
  if (!enabled) return { id, instructions: server.instructions };
  const named = [server.summarization, configuration.defaults.summarization].find(({ provider }) => provider);
  const model = named?.provider
    ? modelReference(configuration, named.provider, named.backend ?? DEFAULT_BACKEND)
    : undefined;
  return {
    id,
    instructions: server.instructions,
    summarization: { thresholdTokens, targetTokens, ...(model ? { model } : {}) },
  };
}

/** The first list that says anything, from the most specific to the broadest. */
export function firstNamed<Item>(...lists: readonly (readonly Item[])[]): readonly Item[] {
  return lists.find(({ length }) => length > 0) ?? [];
}
