/** A tool as one server knows it. */
export interface ToolAddress {
  readonly server: string;
  readonly tool: string;
}

/** The name that models call a tool by: `server__tool`. */
export function toolNameOf({ server, tool }: ToolAddress): string {
  return `${server}__${tool}`;
}

/** Reads `server__tool` or `server.tool`, with or without a word and a colon that some models put in front. */
export function parseToolName(name: string): ToolAddress | undefined {
  const match = /^(?:[\w-]+:)?([A-Za-z0-9_-]+?)(?:__|\.)([A-Za-z0-9_-]+)$/.exec(name.trim());
  return match === null ? undefined : { server: match[1]!, tool: match[2]! };
}
