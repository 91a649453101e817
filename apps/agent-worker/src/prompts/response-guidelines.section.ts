import type { PromptContext } from './prompt-context.js';

/** How answers in a chat are written. */
export function responseGuidelinesSection({ task }: PromptContext): string {
  if (task.agent.kind !== 'chat') return '';
  return [
    '## Response Guidelines',
    '- Answer the question first, then give the evidence.',
    '- Say whether a fact comes from the investigation or from a tool you called now.',
    '- Be brief.',
  ].join('\n');
}
