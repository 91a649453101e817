import type { AgentKind } from '@tarsy/contracts';
import type { PromptContext } from './prompt-context.js';

const TASKS: Readonly<Partial<Record<AgentKind, string>>> = {
  investigation:
    'Investigate this alert with the tools you have. End with an analysis: what was checked, what was found with the numbers, the likely cause, recommended next steps, and your confidence.',
  action:
    'Decide from the evidence above whether an action is justified. If so, execute it and verify it; if not, explain why. Report precisely.',
  chat: 'Answer the question.',
  synthesis:
    'Write one analysis from the results above: what is established, the most likely cause with its evidence, contradictions, recommended next steps, and your confidence.',
};

/** What this stage is for. */
export function taskSection({ task }: PromptContext): string {
  return `## Your Task\nStage "${task.stage.name}". ${TASKS[task.agent.kind] ?? ''}`.trimEnd();
}

/** What a sub-agent was dispatched for. */
export function assignmentSection({ task: { assignment } }: PromptContext): string {
  return assignment === undefined ? '' : `## Task\n${assignment.task}`;
}
