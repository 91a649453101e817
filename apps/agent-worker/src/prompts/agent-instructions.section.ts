import type { PromptContext } from './prompt-context.js';

/** What the configuration says to this agent, as it stands there. */
export function agentInstructionsSection({ task }: PromptContext): string {
  const { customInstructions } = task.agent;
  return customInstructions.trim() === '' ? '' : `## Agent-Specific Instructions\n${customInstructions}`;
}
