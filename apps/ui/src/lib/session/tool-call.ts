import type { TimelineItem } from '#lib/live/timeline';

/** What the metadata of a tool call says. */
export interface ToolCallFacts {
  /** `server.tool`; the tool alone where no server is known. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
  /** Such as `timeout` or `unknown`; undefined while it runs and where the tool answered. */
  readonly outcome: string | undefined;
  readonly durationMs: number | undefined;
}

export function toolCallFacts({ metadata }: TimelineItem): ToolCallFacts {
  const { server_name, tool_name, arguments: values, is_error, outcome, duration_ms } = metadata;
  const tool = typeof tool_name === 'string' ? tool_name : '';
  return {
    name: typeof server_name === 'string' && server_name ? `${server_name}.${tool}` : tool,
    arguments: typeof values === 'object' && values !== null ? (values as Record<string, unknown>) : {},
    isError: is_error === true,
    outcome: typeof outcome === 'string' && outcome !== 'ok' ? outcome : undefined,
    durationMs: typeof duration_ms === 'number' ? duration_ms : undefined,
  };
}

const LONGEST_VALUE = 60;

/** Arguments in one line: `path: /var, depth: 2`. */
export function argumentsLine(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${shortened(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join(', ');
}

const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LONGEST_VALUE ? `${line.slice(0, LONGEST_VALUE)}…` : line;
};
