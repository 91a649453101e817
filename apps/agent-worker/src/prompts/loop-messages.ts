import type { BudgetPart } from '@tarsy/contracts';

const CONCLUDE = [
  'Write the best conclusion that the evidence so far supports.',
  'Say what is established, what is likely, what could not be checked, and what a person should do next.',
].join(' ');

/** Longest piece of a broken answer that is repeated to the model, in characters. */
const PARTIAL_TEXT_LIMIT = 2_000;

/** After an answer without text and without tool calls. */
export function emptyAnswerNudge(): string {
  return 'Your last answer was empty. Continue: call a tool if you need more facts, otherwise write your answer as text.';
}

/** After a model call that failed. `partialText` is what had arrived. */
export function retryRequest(errorMessage: string, partialText: string): string {
  const problem = `Your last answer could not be completed: ${errorMessage}`;
  if (partialText.trim() === '') return `${problem}\nPlease try again.`;
  const kept = partialText.slice(-PARTIAL_TEXT_LIMIT);
  return `${problem}\nThis is what had arrived of it${kept.length < partialText.length ? ' (its end)' : ''}:\n\n${kept}\n\nPlease continue from there, and be concise.`;
}

const BUDGET_PARTS: Readonly<Record<BudgetPart, string>> = {
  tokens: 'tokens',
  tool_calls: 'tool calls',
  cost: 'money',
  wall_time: 'time',
};

/** When a part of the session's budget is used up. */
export function budgetConclusionRequest(usedUp: BudgetPart): string {
  return `This investigation has used up its budget of ${BUDGET_PARTS[usedUp]}, and no more tools can be called. ${CONCLUDE}`;
}

/** At the iteration limit. */
export function conclusionRequest(maxIterations: number): string {
  return `You have used all ${maxIterations} iterations of this investigation, and no more tools can be called. ${CONCLUDE}`;
}
