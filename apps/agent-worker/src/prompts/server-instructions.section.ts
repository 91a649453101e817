import type { PromptContext } from './prompt-context.js';

/** What the configuration says about the use of each tool server. */
export function serverInstructionsSection({ task }: PromptContext): string {
  return task.toolServers
    .filter(({ instructions }) => instructions.trim() !== '')
    .map(({ id, instructions }) => `## ${id} Instructions\n${instructions.trim()}`)
    .join('\n\n');
}
