import { DATA_NOTICE, fenced } from './fenced.js';
import type { PromptContext } from './prompt-context.js';

/** What the completed stages before this one found. */
export function previousStagesSection({ task: { previousStages } }: PromptContext): string {
  if (previousStages.length === 0)
    return '## Previous Stage Data\nThis is the first stage; there are no earlier results.';
  const stages = previousStages.map(
    ({ name, result }, index) =>
      `### Stage ${index + 1}: ${name}\n${result.trim() === '' ? 'This stage gave no result.' : result}`,
  );
  return [
    '## Previous Stage Data',
    `Results of the stages before this one. ${DATA_NOTICE}`,
    fenced('CHAIN_CONTEXT', stages.join('\n\n')),
  ].join('\n');
}
