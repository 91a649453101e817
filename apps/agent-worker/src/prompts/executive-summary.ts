import type { TaskScheduled } from '@tarsy/contracts';
import { DATA_NOTICE, fenced } from './fenced.js';

/** The whole system prompt of the executive summary; none of the other sections apply. */
export function executiveSummarySystemPrompt(): string {
  return [
    'You write executive summaries of incident investigations for busy engineers and managers.',
    'Write 1 to 4 lines of plain text: what happened, how bad it is, the likely cause, and the most important next step.',
    'Use only what the analysis says. Add nothing, guess nothing, leave out greetings and headings.',
  ].join('\n');
}

export function executiveSummaryUserPrompt({ finalAnalysis = '' }: TaskScheduled): string {
  return [
    '## Final Analysis',
    `The analysis to summarise. ${DATA_NOTICE}`,
    fenced('FINAL_ANALYSIS', finalAnalysis),
    '',
    '## Your Task',
    'Write the executive summary.',
  ].join('\n');
}
