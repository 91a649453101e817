import { inOneLine } from './fenced.js';
import type { PromptContext } from './prompt-context.js';

/** Which tools the agent has to do without. */
export function unavailableServersSection({ unavailableServers }: PromptContext): string {
  if (unavailableServers.length === 0) return '';
  const lines = unavailableServers.map(({ server, errorMessage }) => `- ${server}: ${inOneLine(errorMessage)}`).sort();
  return [
    '## Unavailable MCP Servers',
    'The tools of these servers can not be used now. Work without them, and name what could not be checked for that reason.',
    ...lines,
  ].join('\n');
}
