import type { AgentKind } from '@tarsy/contracts';
import type { PromptContext } from './prompt-context.js';

const FOCUS: Readonly<Partial<Record<AgentKind, string>>> = {
  investigation: 'Focus on finding the cause of this alert and on what a person should do next.',
  action: 'Focus on what the evidence of the earlier stages calls for, and on doing no harm.',
  chat: 'Focus on the question that was asked.',
  synthesis: 'Focus on one analysis that a person can act on.',
};

export function focusSection({ task }: PromptContext): string {
  if (task.assignment !== undefined) return 'Focus on the task you were given.';
  return FOCUS[task.agent.kind] ?? '';
}
