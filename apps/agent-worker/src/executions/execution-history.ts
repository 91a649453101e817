import type { JournalEntry } from '@tarsy/contracts';
import { cutToTokens } from '../summaries/tokens.js';
import { shownAnswersOf, type ToolResults } from './conversation.js';

/** Longest tool result in a history, in tokens; a summary is in its place where there is one. */
const LONGEST_RESULT_TOKENS = 2_000;

/** What an execution thought, said and did, for an agent that judges or merges it. Pure. */
export function historyOf(entries: readonly JournalEntry[], results: ToolResults): string {
  const answers = shownAnswersOf(entries, results);
  return entries.flatMap((entry) => partsOf(entry, answers)).join('\n\n');
}

function partsOf(entry: JournalEntry, answers: ToolResults): string[] {
  switch (entry.type) {
    case 'turn': {
      const { thinking, text, toolCalls } = entry;
      return [
        ...(thinking.trim() === '' ? [] : [`Reasoning: ${thinking.trim()}`]),
        ...(text.trim() === '' ? [] : [`Response: ${text.trim()}`]),
        ...toolCalls.map(({ callId, name, argumentsText }) => {
          const answer = answers.get(callId);
          const content = answer === undefined ? '(no result)' : cutToTokens(answer.content, LONGEST_RESULT_TOKENS);
          return `Tool call: ${name} ${argumentsText}\n${answer?.isError ? 'Error' : 'Result'}: ${content}`;
        }),
      ];
    }
    case 'turn-failed':
      return [`Failed model call: ${entry.errorMessage}${entry.partialText === '' ? '' : `\n${entry.partialText}`}`];
    case 'mail-received':
      return [entry.content];
    case 'concluded':
      return entry.result === undefined ? [] : [`Final analysis: ${entry.result}`];
    default:
      return [];
  }
}
