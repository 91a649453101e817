import type { PromptContext } from './prompt-context.js';

/** How an agent behaves that may change systems. */
export function actionSafetySection({ task }: PromptContext): string {
  if (task.agent.kind !== 'action') return '';
  return [
    '## Action Agent Safety Guidelines',
    '- Act only where the evidence is strong and the action fits it. When in doubt, change nothing and say what you would do.',
    '- Prefer the least invasive action that can be undone.',
    '- Check the state before an action, and check it again afterwards.',
    '- Never repeat an action whose outcome is unknown before you have verified the state.',
    '- Report exactly what was done, with which arguments, and what came of it.',
    '- End your answer with one last line that is only `YES` if you executed any change, or only `NO` if you did not.',
  ].join('\n');
}
