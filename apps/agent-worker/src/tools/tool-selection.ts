import type { JournalEntryOf, ToolDescription, ToolServerSelection } from '@tarsy/contracts';
import type { ToolDefinition } from '@tarsy/llm';
import { parseToolName, toolNameOf, type ToolAddress } from './tool-name.js';

/** What the catalogue knows of a server. */
export interface CatalogueView {
  toolsOf(server: string): readonly ToolDescription[] | undefined;
  problemOf(server: string): string | undefined;
}

export type RecordedServers = JournalEntryOf<'prompted'>['toolServers'];

/** The tools of an execution as its beginning records them: what each selected server has, or why it has nothing. */
export function selectTools(selections: readonly ToolServerSelection[], catalogue: CatalogueView): RecordedServers {
  return selections.map(({ id, tools: allowed }) => {
    const problem = catalogue.problemOf(id);
    const known = catalogue.toolsOf(id);
    if (problem !== undefined || known === undefined)
      return { server: id, tools: [], errorMessage: problem ?? 'its tools are not known yet' };
    const tools = known.filter(({ name }) => allowed === undefined || allowed.includes(name));
    return { server: id, tools: tools.map(({ name, description }) => ({ name, description })) };
  });
}

/** The recorded tools with their schemas of today, for the model. One that has gone since is left out. */
export function definitionsOf(servers: RecordedServers, catalogue: CatalogueView): ToolDefinition[] {
  return servers.flatMap(({ server, tools }) =>
    tools.flatMap(({ name }): ToolDefinition[] => {
      const tool = catalogue.toolsOf(server)?.find((candidate) => candidate.name === name);
      if (tool === undefined) return [];
      const { description, inputSchema, annotations } = tool;
      return [
        {
          name: toolNameOf({ server, tool: name }),
          description,
          inputSchema,
          readOnly: annotations.readOnlyHint === true,
        },
      ];
    }),
  );
}

/** Where a call goes that the model named like this; undefined when the execution has no such tool. */
export function findTool(name: string, servers: RecordedServers): ToolAddress | undefined {
  const address = parseToolName(name);
  const server = servers.find((candidate) => candidate.server === address?.server);
  return server?.tools.some((tool) => tool.name === address?.tool) ? address : undefined;
}

/** What the model reads that called a tool it does not have. */
export function describeUnknownTool(name: string, servers: RecordedServers, builtIn: readonly string[] = []): string {
  const ofServers = servers.flatMap(({ server, tools }) =>
    tools.map((tool) => toolNameOf({ server, tool: tool.name })),
  );
  const available = [...ofServers, ...builtIn];
  const unavailable = servers.flatMap(({ server, errorMessage }) => (errorMessage === undefined ? [] : [server]));
  return [
    `There is no tool "${name}".`,
    available.length === 0 ? 'No tools are available.' : `Available tools: ${available.join(', ')}.`,
    ...(unavailable.length === 0 ? [] : [`Unavailable servers: ${unavailable.join(', ')}.`]),
  ].join(' ');
}
